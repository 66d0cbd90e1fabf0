(module $monitored
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 2)
  (func $fib (param $n i32) (result i32)
    (if (i32.lt_u (local.get $n) (i32.const 2)) (then (return (local.get $n))))
    (i32.add
      (call $fib (i32.sub (local.get $n) (i32.const 1)))
      (call $fib (i32.sub (local.get $n) (i32.const 2)))))
  (func $unused (nop))
  (func (export "_start") (local $i i32)
    (drop (call $yield))
    (loop $again
      (i32.store (i32.shl (local.get $i) (i32.const 15)) (call $fib (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 4))))
    (if (i32.eqz (i32.load (i32.const 0)))
      (then (memory.copy (i32.const 0xfffe) (i32.const 0) (i32.const 4)))
      (else (unreachable)))))
