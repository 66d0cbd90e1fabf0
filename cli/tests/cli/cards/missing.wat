(module
  (func $f (result i32)
    i32.const 1
    block
      i32.eqz
      drop
    end
    i32.const 2
    i32.add))
