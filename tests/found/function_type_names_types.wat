;; The type of a function whose parameters name other types was copied without those types, and
;; asking for its parameters panicked.
;; expect: returns 41
(module
  (type $pair (struct (field i32) (field (mut i64))))
  (type $list (array (ref null $pair)))
  (type $op (func (param (ref $pair) (ref null $list)) (result (ref $pair))))
  (func $op (export "op") (type $op) (local.get 0))
  (func $back (export "back") (param (ref $op) (ref $pair)) (result i32)
    (struct.get $pair 0 (call_ref $op (local.get 1) (ref.null $list) (local.get 0))))
  (elem declare func $op)
  (func (export "check") (result i32)
    (call $back (ref.func $op) (struct.new $pair (i32.const 41) (i64.const 2)))))
