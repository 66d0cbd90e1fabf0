;; How many arguments the guest has, and the first byte of the last one.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $count (result i32)
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (i32.load (i32.const 0)))
  (func $last (result i32)
    (drop (call $get (i32.const 16) (i32.const 1024)))
    (i32.load8_u (i32.load
      (i32.add (i32.const 12) (i32.mul (call $count) (i32.const 4))))))
  (func (export "none") (result i32 i32) (call $count) (call $last))
  (func (export "one") (param f32) (result f32 i32) (local.get 0) (call $count)))
