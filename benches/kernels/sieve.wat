;; Counts the primes below n, one byte for each number.
(module
  (memory 80)
  (func (export "run") (param $n i32) (result i64)
    (local $k i32) (local $m i32) (local $count i64)
    (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
    (local.set $k (i32.const 2))
    (loop $next
      (if (i32.eqz (i32.load8_u (local.get $k)))
        (then
          (local.set $count (i64.add (local.get $count) (i64.const 1)))
          (local.set $m (i32.shl (local.get $k) (i32.const 1)))
          (block $done
            (loop $strike
              (br_if $done (i32.ge_u (local.get $m) (local.get $n)))
              (i32.store8 (local.get $m) (i32.const 1))
              (local.set $m (i32.add (local.get $m) (local.get $k)))
              (br $strike)))))
      (br_if $next
        (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
    (local.get $count)))
