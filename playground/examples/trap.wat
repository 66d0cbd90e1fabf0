;; Counts down and divides; the last division traps.
(module
  (global $steps (mut i32) (i32.const 0))
  (func $divide (param $a i32) (param $b i32) (result i32)
    (global.set $steps (i32.add (global.get $steps) (i32.const 1)))
    (i32.div_s (local.get $a) (local.get $b)))
  (func (export "down") (param $n i32) (result i32)
    (loop $again
      (drop (call $divide (i32.const 100) (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $again))
    (unreachable)))
