;; Spawns a thread that exits with 5 while the main one waits for ever; exits with 9 when it cannot.
(module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (export "memory" (memory 0))
  (func (export "wasi_thread_start") (param $thread i32) (param $argument i32)
    (call $exit (local.get $argument)))
  (func (export "_start")
    (if (i32.lt_s (call $spawn (i32.const 5)) (i32.const 0))
      (then (call $exit (i32.const 9))))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
