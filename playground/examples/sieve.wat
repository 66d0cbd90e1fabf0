;; The sieve of Eratosthenes: marks what is not prime in memory, and prints the primes.
(module
  (import "console" "log_i32" (func $log (param i32)))
  (memory (export "memory") 1)
  (func (export "sieve") (param $n i32)
    (local $i i32) (local $k i32)
    (local.set $i (i32.const 2))
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (local.get $i) (local.get $n)))
        (if (i32.eqz (i32.load8_u (local.get $i)))
          (then
            (call $log (local.get $i))
            (local.set $k (i32.add (local.get $i) (local.get $i)))
            (block $marked
              (loop $mark
                (br_if $marked (i32.gt_u (local.get $k) (local.get $n)))
                (i32.store8 (local.get $k) (i32.const 1))
                (local.set $k (i32.add (local.get $k) (local.get $i)))
                (br $mark)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))))
