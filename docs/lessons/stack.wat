(module
  ;; (7 - 5) * 21
  (func (export "answer") (result i32)
    i32.const 7
    i32.const 5
    i32.sub
    i32.const 21
    i32.mul)

  ;; the same in the folded form
  (func (export "folded") (result i32)
    (i32.mul
      (i32.sub (i32.const 7) (i32.const 5))
      (i32.const 21))))
