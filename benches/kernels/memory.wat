;; A loop that reads a word, changes it and writes it back, over 16 KiB.
(module
  (memory 1)
  (func (export "run") (param $n i32) (result i64)
    (local $k i32) (local $at i32) (local $acc i32)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 0x4000))
    (loop $again
      (local.set $at (i32.and (i32.shl (local.get $k) (i32.const 2)) (i32.const 0x3FFC)))
      (local.set $acc
        (i32.add (local.get $acc) (i32.load (local.get $at))))
      (i32.store (local.get $at) (i32.add (local.get $acc) (local.get $k)))
      (br_if $again
        (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
    (i64.extend_i32_u (local.get $acc))))
