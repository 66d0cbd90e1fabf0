(module
  (func $add (param $left i32) (param $right i32) (result i32)
    (i32.add (local.get $left) (local.get $rihgt))))
