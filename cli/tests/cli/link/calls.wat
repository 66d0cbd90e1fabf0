;; Calls a function that nothing defines, when it is given an argument.
(module
  (import "e" "f" (func $f (result i32)))
  (func (export "calls") (result i32) (i32.add (call $f) (i32.const 7)))
  (func (export "does_not") (result i32) (i32.const 5)))
