;; Loops with calls in them, direct and indirect, values alive across each.
(module
  (type $t (func (param i32 i64) (result i64)))
  (table funcref (elem $a $b $c))
  (func $a (type $t) (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))
  (func $b (type $t) (i64.xor (call $a (local.get 0) (local.get 1)) (i64.const 0x5555)))
  (func $c (type $t) (local i64)
    (if (result i64) (local.get 0)
      (then
        (i64.mul (i64.const 3)
          (call $c (i32.sub (local.get 0) (i32.const 1)) (local.get 1))))
      (else (i64.rotl (local.get 1) (i64.const 7)))))
  (func (export "run") (param i32) (result i64) (local i32 i64 f64)
    (loop $l
      (local.set 3 (f64.add (local.get 3) (f64.convert_i32_s (local.get 1))))
      (local.set 2
        (i64.add (local.get 2)
          (call_indirect (type $t) (local.get 1) (local.get 2)
            (i32.rem_u (local.get 1) (i32.const 3)))))
      (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get 1) (local.get 0))))
    (i64.xor (local.get 2) (i64.reinterpret_f64 (local.get 3))))
  (func $ack (export "ack") (result i32) (call $ackermann (i32.const 2) (i32.const 4)))
  (func $ackermann (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.add (local.get 1) (i32.const 1)))))
    (if (i32.eqz (local.get 1))
      (then (return (call $ackermann (i32.sub (local.get 0) (i32.const 1)) (i32.const 1)))))
    (call $ackermann (i32.sub (local.get 0) (i32.const 1))
      (call $ackermann (local.get 0) (i32.sub (local.get 1) (i32.const 1)))))
  (func $deep (export "deep") (param i32) (result i32)
    (i32.add (i32.const 1) (call $deep (local.get 0))))  ;; What a branch has looked at is used again behind it, where a new block begins.
  (func (export "alive") (param i32) (result i32) (local i32 i32)
    (loop $l
      (block $out
        (local.set 1 (i32.and (i32.mul (local.get 2) (i32.const 7)) (i32.const 14)))
        (br_if $out (local.get 1))
        (local.set 2 (i32.add (local.get 1) (i32.const 3)))
        (br_if $out (i32.eqz (local.get 1)))
        (local.set 2 (i32.xor (local.get 1) (local.get 2))))
      (local.set 2 (i32.add (local.get 2) (local.tee 1 (i32.mul (local.get 2) (i32.const 5)))))
      (local.set 1 (i32.sub (local.get 1) (local.get 2)))
      (if (local.get 1) (then (local.set 2 (i32.add (local.get 1) (local.get 2)))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 2)))
