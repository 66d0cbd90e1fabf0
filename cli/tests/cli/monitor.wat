;; Calls of WASI of several kinds: strings, buffers, flags, results, and one that fails.
(module $monitor
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_res_get" (func $res (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
    (func $dir_name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek"
    (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\07\00\00\00\40\00\00\00\10\00\00\00")
  (data (i32.const 16) "h\c3\a9 \22\1b\n")
  (data (i32.const 128) "../etc/passwd")
  (data (i32.const 160) "hello.wat")
  (func (export "_start")
    (drop (call $args_sizes (i32.const 200) (i32.const 204)))
    (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 200)))
    (drop (call $fd_write (i32.const 2) (i32.const -8) (i32.const 9) (i32.const 200)))
    (drop (call $dir_name (i32.const 3) (i32.const 256) (i32.const 1)))
    (drop (call $path_open (i32.const 3) (i32.const 1) (i32.const 128) (i32.const 13)
      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 200)))
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 160) (i32.const 9)
      (i32.const 0) (i64.const 6) (i64.const 0) (i32.const 0) (i32.const 200)))
    (drop (call $fd_read (i32.const 4) (i32.const 8) (i32.const 1) (i32.const 200)))
    (drop (call $fd_seek (i32.const 4) (i64.const -3) (i32.const 1) (i32.const 200)))
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 160) (i32.const 9)
      (i32.const 5) (i64.const 64) (i64.const 0) (i32.const 1) (i32.const 200)))
    (drop (call $res (i32.const 9) (i32.const 200)))
    (drop (call $yield))
    (call $exit (i32.const 0))))
