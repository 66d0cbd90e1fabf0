(module
  (func (param i32) (result i32)
    (block $a (result i32)
      (block $b
        (br_table $a $b (i32.const 7) (local.get 0)))
      (i32.const 1))))
