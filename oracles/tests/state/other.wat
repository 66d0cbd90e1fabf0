;; What the other programs may import.
(module
  (type $f (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (tag (export "e") (param i32))
  (func (export "twice") (param (ref $f) i32) (result i32)
    (call_ref $f (call_ref $f (local.get 1) (local.get 0)) (local.get 0)))
  (func (export "count") (param i32) (result i32) (local i32)
    (loop $l
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get 0)))
      (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
    (i32.load (i32.const 8))))
