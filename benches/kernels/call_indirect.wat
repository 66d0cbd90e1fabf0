;; A loop that calls one of four functions through a table.
(module
  (type $op (func (param i32 i32) (result i32)))
  (table funcref (elem $add $sub $xor $mul))
  (func $add (type $op) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $op) (i32.sub (local.get 0) (local.get 1)))
  (func $xor (type $op) (i32.xor (local.get 0) (local.get 1)))
  (func $mul (type $op) (i32.mul (local.get 0) (i32.or (local.get 1) (i32.const 1))))
  (func (export "run") (param $n i32) (result i64)
    (local $acc i32) (local $k i32)
    (loop $again
      (local.set $acc
        (call_indirect (type $op)
          (local.get $acc) (local.get $k) (i32.and (local.get $k) (i32.const 3))))
      (br_if $again
        (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
    (i64.extend_i32_u (local.get $acc))))
