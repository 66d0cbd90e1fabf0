(module $shop
  (memory 1)
  (data (i32.const 0) "\0a\00\00\00\00\00\00\00\14\00\00\00")

  ;; the price of article $i
  (func $price (param $i i32) (result i32)
    (i32.load (i32.mul (local.get $i) (i32.const 4))))

  (func $share (param $sum i32) (param $people i32) (result i32)
    (i32.div_u (local.get $sum) (local.get $people)))

  (func (export "pay") (param $i i32) (param $people i32) (result i32)
    (call $share (call $price (local.get $i)) (local.get $people))))
