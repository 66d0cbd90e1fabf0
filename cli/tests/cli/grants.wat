;; Shows what it was granted: how many arguments and variables, and the names of directories.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
    (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory"
    (func $create (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "dir")
  (func $print (param $at i32) (param $len i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $len))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; A number below 100 and a byte after it.
  (func $number (param $n i32) (param $then i32)
    (i32.store8 (i32.const 50) (i32.add (i32.const 48) (i32.div_u (local.get $n) (i32.const 10))))
    (i32.store8 (i32.const 51) (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
    (i32.store8 (i32.const 52) (local.get $then))
    (call $print (i32.const 50) (i32.const 3)))
  (func (export "_start") (local $fd i32)
    (drop (call $args (i32.const 20) (i32.const 24)))
    (call $number (i32.load (i32.const 20)) (i32.const 32))
    (drop (call $environ (i32.const 20) (i32.const 24)))
    (call $number (i32.load (i32.const 20)) (i32.const 10))
    (local.set $fd (i32.const 3))
    (loop $next
      (if (i32.eqz (call $prestat (local.get $fd) (i32.const 20)))
        (then
          (drop (call $name (local.get $fd) (i32.const 200) (i32.load (i32.const 24))))
          (i32.store8 (i32.add (i32.const 200) (i32.load (i32.const 24))) (i32.const 32))
          (call $print (i32.const 200) (i32.add (i32.const 1) (i32.load (i32.const 24))))
          ;; What a directory of a name that is too long is refused for, or is there.
          (call $number
            (call $create (local.get $fd) (i32.const 100) (i32.const 3)) (i32.const 10))
          (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
          (br $next))))))
