;; What `wasi_unstable` lays out differently from the version after it.
(module
  (import "wasi_unstable" "fd_filestat_get" (func $fd_stat (param i32 i32) (result i32)))
  (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "path_filestat_get"
    (func $path_stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "ten.txt")

  ;; The descriptor of the file.
  (func $file (result i32)
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 7) (i32.const 0)
        (i64.const 0x200026) (i64.const 0) (i32.const 0) (i32.const 16))
      (then (unreachable)))
    (i32.load (i32.const 16)))

  ;; Where a seek ends, or minus the error number.
  (func $sought (param $fd i32) (param $offset i64) (param $whence i32) (result i64)
    (local $errno i32)
    (local.tee $errno (call $seek (local.get $fd) (local.get $offset) (local.get $whence)
      (i32.const 16)))
    (if (result i64)
      (then (i64.sub (i64.const 0) (i64.extend_i32_u (local.get $errno))))
      (else (i64.load (i32.const 16)))))

  ;; From the start (2), from there (0), from the end (1), and a number that means nothing.
  (func (export "seek") (result i64 i64 i64 i64)
    (local $fd i32)
    (local.set $fd (call $file))
    (call $sought (local.get $fd) (i64.const 3) (i32.const 2))
    (call $sought (local.get $fd) (i64.const 2) (i32.const 0))
    (call $sought (local.get $fd) (i64.const -1) (i32.const 1))
    (call $sought (local.get $fd) (i64.const 0) (i32.const 3)))

  ;; Kind, links and size of what was put at 64, and the byte after it, which stays.
  (func $fields (result i32 i32 i64 i32)
    (i32.load8_u (i32.const 80))
    (i32.load (i32.const 84))
    (i64.load (i32.const 88))
    (i32.load8_u (i32.const 120)))
  (func (export "fd_stat") (result i32 i32 i64 i32)
    (memory.fill (i32.const 64) (i32.const 0xaa) (i32.const 64))
    (if (call $fd_stat (call $file) (i32.const 64)) (then (unreachable)))
    (call $fields))
  (func (export "path_stat") (result i32 i32 i64 i32)
    (memory.fill (i32.const 64) (i32.const 0xaa) (i32.const 64))
    (if (call $path_stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 7) (i32.const 64))
      (then (unreachable)))
    (call $fields))
  ;; At the very end of memory, where a larger layout has no room.
  (func (export "path_stat_at_the_end") (result i32)
    (call $path_stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 7)
      (i32.const 65480)))

  ;; A clock that takes 100 seconds: at 200 what it is known by, its kind, its identifier, which
  ;; clock, how long, and how exact.
  (func $clock (param $timeout i64) (param $flags i32)
    (i64.store (i32.const 200) (i64.const 7))
    (i64.store (i32.const 208) (i64.const 0))
    (i64.store (i32.const 216) (i64.const 0x7fffffffffffffff))
    (i32.store (i32.const 224) (i32.const 1))
    (i64.store (i32.const 232) (local.get $timeout))
    (i64.store (i32.const 240) (i64.const 0))
    (i32.store (i32.const 248) (local.get $flags)))
  ;; Beside the clock, whether standard output can be written, which it can: error number, count of
  ;; events, what the first is known by, its kind.
  (func (export "poll_stream") (result i32 i32 i64 i32)
    (call $clock (i64.const 100_000_000_000) (i32.const 0))
    (i64.store (i32.const 256) (i64.const 8))
    (i32.store (i32.const 264) (i32.const 2))
    (i32.store (i32.const 272) (i32.const 1))
    (call $poll (i32.const 200) (i32.const 400) (i32.const 2) (i32.const 500))
    (i32.load (i32.const 500))
    (i64.load (i32.const 400))
    (i32.load8_u (i32.const 410)))
  ;; The clock alone: a millisecond, or a point in time that is past.
  (func $alone (result i32 i32 i64 i32)
    (call $poll (i32.const 200) (i32.const 400) (i32.const 1) (i32.const 500))
    (i32.load (i32.const 500))
    (i64.load (i32.const 400))
    (i32.load16_u (i32.const 408)))
  (func (export "poll_span") (result i32 i32 i64 i32)
    (call $clock (i64.const 1_000_000) (i32.const 0))
    (call $alone))
  (func (export "poll_point") (result i32 i32 i64 i32)
    (call $clock (i64.const 1) (i32.const 1))
    (call $alone))

  (func (export "_start") (call $exit (i32.const 7))))
