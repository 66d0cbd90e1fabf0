;; The product of two n by n matrices of doubles; the sum of its elements, rounded.
(module
  (memory 16)
  (func $at (param $base i32) (param $i i32) (param $j i32) (param $n i32) (result i32)
    (i32.add (local.get $base)
      (i32.shl
        (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j))
        (i32.const 3))))
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $j i32) (local $k i32) (local $size i32) (local $b i32)
    (local $sum f64) (local $total f64) (local $p i32) (local $q i32) (local $row i32)
    (local.set $size (i32.mul (i32.mul (local.get $n) (local.get $n)) (i32.const 8)))
    (local.set $b (local.get $size))
    (loop $fill
      (f64.store (i32.shl (local.get $k) (i32.const 3))
        (f64.convert_i32_u (i32.rem_u (local.get $k) (i32.const 17))))
      (f64.store (i32.add (local.get $b) (i32.shl (local.get $k) (i32.const 3)))
        (f64.convert_i32_u (i32.rem_u (local.get $k) (i32.const 13))))
      (br_if $fill
        (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1)))
          (i32.mul (local.get $n) (local.get $n)))))
    (local.set $row (i32.shl (local.get $n) (i32.const 3)))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $sum (f64.const 0))
        (local.set $k (i32.const 0))
        (local.set $p (call $at (i32.const 0) (local.get $i) (i32.const 0) (local.get $n)))
        (local.set $q (call $at (local.get $b) (i32.const 0) (local.get $j) (local.get $n)))
        (loop $inner
          (local.set $sum
            (f64.add (local.get $sum)
              (f64.mul (f64.load (local.get $p)) (f64.load (local.get $q)))))
          (local.set $p (i32.add (local.get $p) (i32.const 8)))
          (local.set $q (i32.add (local.get $q) (local.get $row)))
          (br_if $inner
            (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
        (local.set $total (f64.add (local.get $total) (local.get $sum)))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i64.trunc_f64_u (local.get $total))))
