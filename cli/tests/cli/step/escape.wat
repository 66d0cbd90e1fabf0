(module
  (func $f (export "f") (result i32) (local $"\1b]0;owned\07" i32)
    (local.get 0)))
