;; Memories that grow, are filled and copied, with values kept in them.
(module
  (memory $m (export "m") 1 20)
  (memory $n (export "n") 0 20)
  (data $d "limpid water")
  (func (export "run") (param i32) (result i64) (local $k i32) (local $s i64)
    (loop $l
      (drop (memory.grow $m (i32.and (local.get $k) (i32.const 1))))
      (drop (memory.grow $n (i32.const 1)))
      (memory.init $m $d (i32.mul (local.get $k) (i32.const 13)) (i32.const 0) (i32.const 12))
      (memory.copy $n $m
        (i32.sub (i32.mul (memory.size $n) (i32.const 65536)) (i32.const 4000))
        (i32.const 0) (i32.const 4000))
      (memory.fill $m (i32.const 5000) (local.get $k) (i32.const 3000))
      (local.set $s (i64.add (local.get $s)
        (i64.load $n (i32.sub (i32.mul (memory.size $n) (i32.const 65536)) (i32.const 3990)))))
      (i64.store $m (i32.const 9000) (local.get $s))
      (local.set $k (i32.add (local.get $k) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $k) (i32.const 19))))
    (i64.add (local.get $s) (i64.load $m (i32.const 9000))))
  (func (export "outside") (result i64)
    (memory.fill $m (i32.const -5) (i32.const 1) (i32.const 100))
    (i64.const 1)))
