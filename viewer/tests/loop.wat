;; A little over a million steps, most of which write memory; the steps of a trace that is long.
(module
  (memory 16)
  (func $mix (param $x i32) (result i32)
    (i32.mul (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 7))) (i32.const 0x9e3779b1)))
  (func (export "run") (result i32)
    (local $i i32) (local $x i32)
    (local.set $x (i32.const 1))
    (loop $again
      (local.set $x (call $mix (i32.add (local.get $x) (local.get $i))))
      (i32.store (i32.and (local.get $x) (i32.const 0xffffc)) (local.get $x))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 48000))))
    (local.get $x)))
