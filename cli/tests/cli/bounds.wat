(module
  (memory 1)
  (memory $small 0)
  (func (export "run") (param i32)
    (i64.store offset=16 (i32.mul (local.get 0) (i32.const 2)) (i64.const 0)))
  (func (export "second") (param i32)
    (drop (i32.load8_u $small offset=7 (local.get 0))))
  (func (export "fill") (param i32)
    (memory.fill (local.get 0) (i32.const 0) (i32.const 10))))
