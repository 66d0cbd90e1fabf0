;; Well-formed, but the second body is invalid.
(module
  (type $s (struct (field (mut i32))))
  (import "env" "f" (func (param (ref null $s))))
  (func (export "fine") (result (ref null $s)) (ref.null $s))
  (func $wrong (export "") (result i32) (i64.const 1)))
