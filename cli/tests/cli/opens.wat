;; Opens its directory until that is refused: 1020 times, then MFILE. Exits with 1 where it is not so.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) ".")
  (func (export "_start") (local $n i32) (local $errno i32)
    (loop $again
      (local.set $errno
        (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 2)
          (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 8)))
      (if (i32.eqz (local.get $errno))
        (then
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $n) (i32.const 5000))))))
    (if (i32.ne (local.get $n) (i32.const 1020)) (then (call $exit (i32.const 1))))
    (if (i32.ne (local.get $errno) (i32.const 33)) (then (call $exit (i32.const 2))))))
