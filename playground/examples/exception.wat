;; An exception crosses two frames and is caught.
(module
  (tag $found (param i32))
  (func $search (param $from i32)
    (if (i32.eqz (i32.rem_u (local.get $from) (i32.const 7)))
      (then (throw $found (local.get $from))))
    (call $search (i32.add (local.get $from) (i32.const 1))))
  (func (export "multiple_of_seven") (param $from i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $found $caught)
        (call $search (local.get $from)))
      (i32.const -1))))
