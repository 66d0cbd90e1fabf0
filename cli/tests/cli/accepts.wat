;; Accepts a connection at the first socket it was given, and says hi.
(module
  (import "wasi_snapshot_preview1" "sock_accept"
    (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\03\00\00\00hi\n")
  (func (export "_start")
    (call $exit (i32.or
      (call $accept (i32.const 3) (i32.const 0) (i32.const 16))
      (call $write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20))))))
