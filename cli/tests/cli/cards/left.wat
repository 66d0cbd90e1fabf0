(module
  (func $twice (param $n i32) (result i32)
    (f64.const 0.5)
    (local.get $n)
    (i32.const 2)
    i32.mul
  )
)
