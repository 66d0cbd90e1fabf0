(module
  (func (export "mix") (param $n i32) (result f64)
    local.get $n
    f64.convert_i32_s
    f64.const 0.5
    f64.add))
