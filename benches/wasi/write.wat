;; Writes one byte to standard output, COUNT times.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const COUNT))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $left)))
        (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
          (then (call $exit (i32.const 1))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $again)))))
