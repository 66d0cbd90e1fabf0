(module
  (func $f (result i32) i32.const 1)
  (global $start i32
    (call $f)))
