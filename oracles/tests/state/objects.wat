;; Structures and arrays, held by locals, by the operand stack, by a table and by each other.
(module
  (type $list (struct (field $head i64) (field $tail (mut (ref null $list)))))
  (type $row (array (mut i32)))
  (type $many (array (mut (ref null $list))))
  (table $t 8 anyref)
  (global $last (mut (ref null $list)) (ref.null $list))
  (func $push (param i64 (ref null $list)) (result (ref $list))
    (struct.new $list (local.get 0) (local.get 1)))
  (func $sum (param (ref null $list)) (result i64) (local i64)
    (block $end
      (loop $l
        (br_if $end (ref.is_null (local.get 0)))
        (local.set 1 (i64.add (i64.mul (local.get 1) (i64.const 3))
          (struct.get $list $head (local.get 0))))
        (local.set 0 (struct.get $list $tail (local.get 0)))
        (br $l)))
    (local.get 1))
  (func (export "run") (param i32) (result i64)
    (local $n i32) (local $l (ref null $list)) (local $row (ref null $row)) (local $many (ref null $many))
    (local.set $many (array.new $many (ref.null $list) (local.get 0)))
    (loop $next
      (local.set $l (call $push (i64.extend_i32_u (local.get $n)) (local.get $l)))
      (array.set $many (local.get $many) (local.get $n) (local.get $l))
      (local.set $row
        (array.new_fixed $row 3 (local.get $n) (i32.const 7) (i32.mul (local.get $n) (local.get $n))))
      (table.set $t (i32.and (local.get $n) (i32.const 7))
        (if (result anyref) (i32.and (local.get $n) (i32.const 1))
          (then (ref.i31 (local.get $n)))
          (else (local.get $row))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (local.get 0))))
    (global.set $last (local.get $l))
    (i64.add
      (i64.add
        (call $sum (array.get $many (local.get $many) (i32.div_u (local.get 0) (i32.const 2))))
        (call $sum (global.get $last)))
      (i64.extend_i32_s
        (array.get $row
          (ref.cast (ref $row) (table.get $t (i32.const 2))) (i32.const 2)))))
  (func (export "bad cast") (result i32)
    (array.len (ref.cast (ref $row) (table.get $t (i32.const 3))))))
