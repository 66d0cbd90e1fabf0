;; Copies standard input to standard output in pieces of 64 KiB. Exits with 1 where a call fails.
(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  ;; One buffer to read into, at 0; what of it is to be written, at 8; how much it was, at 16.
  (data (i32.const 0) "\00\00\01\00\00\00\01\00")
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $exit (i32.const 1)))))
  (func (export "_start") (local $left i32)
    (loop $pieces
      (call $check
        (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
      (local.set $left (i32.load (i32.const 16)))
      (if (i32.eqz (local.get $left)) (then (return)))
      (i32.store (i32.const 8) (i32.const 0x10000))
      (loop $parts
        (i32.store (i32.const 12) (local.get $left))
        (call $check
          (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
        (i32.store (i32.const 8)
          (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 16))))
        (local.set $left (i32.sub (local.get $left) (i32.load (i32.const 16))))
        (br_if $parts (local.get $left)))
      (br $pieces))))
