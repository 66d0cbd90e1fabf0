;; A loop that calls a function of the host that uses the store's data.
(module
  (import "host" "count" (func $step (param i32 i32) (result i32)))
  (func (export "run") (param $n i32) (result i64)
    (local $acc i32) (local $k i32)
    (loop $again
      (local.set $acc (call $step (local.get $acc) (local.get $k)))
      (br_if $again
        (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
    (i64.extend_i32_u (local.get $acc))))
