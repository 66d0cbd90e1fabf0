;; Asks for the monotonic time, COUNT times.
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const COUNT))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $left)))
        (if (call $time (i32.const 1) (i64.const 0) (i32.const 0))
          (then (call $exit (i32.const 1))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $again)))))
