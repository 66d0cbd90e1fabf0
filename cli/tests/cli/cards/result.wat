(module
  (func (export "half") (param $n i32) (result i32)
    (f32.div (f32.convert_i32_s (local.get $n)) (f32.const 2))))
