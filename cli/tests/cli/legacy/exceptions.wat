;; The legacy form of exception handling, which many older toolchains emit.
(module
  (import "env" "log" (func $log (param i32)))
  (import "env" "" (global (mut i64)))
  (tag $e (export "e") (param i32))
  (func (export "fine"))
  (func $risky (export "risky") (result i32)
    nop
    try (result i32)
      i32.const 7
      throw $e
    catch $e
    end))
