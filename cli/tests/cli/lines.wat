;; Frames at folded and flat instructions, below functions that have no body here.
(module
  (func $import (import "env" "f") (param i32))
  (table 1 funcref) (elem (i32.const 0) $folded)
  (func $flat (param i32) (result i32)
    block (result i32)
      local.get 0
      if (result i32) i32.const 1 else
        i32.const 0 i32.const 0 call_indirect (param i32) (result i32)
      end
    end)
  (func $folded (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.const 2))
      (else (i32.div_u
        (i32.const 1)
        (local.get 0)))))
  (func (export "_start")
    (drop (i32.add (i32.const 1)
      (call $flat (i32.const 0))))))
