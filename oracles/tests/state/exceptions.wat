;; Exceptions thrown some frames up, with payloads of numbers, vectors and references.
(module
  (type $box (struct (field i32)))
  (tag $number (param i32 i64))
  (tag $object (param (ref $box) v128))
  (func $throw (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $number (i32.const 5) (i64.const -3))))
    (if (i32.eq (local.get 0) (i32.const 1))
      (then (throw $object (struct.new $box (i32.const 9)) (v128.const i64x2 3 4))))
    (call $throw (i32.sub (local.get 0) (i32.const 2))))
  (func $again (param i32) (result i32) (local $e exnref)
    (local.set $e
      (block $h (result exnref)
        (try_table (catch_all_ref $h) (return (call $throw (local.get 0))))
        (unreachable)))
    (throw_ref (local.get $e)))
  (func (export "run") (param i32) (result i64) (local i64)
    (loop $l
      (block $next
        (block $o (result (ref $box) v128)
          (block $n (result i32 i64)
            (try_table (catch $number $n) (catch $object $o)
              (drop (call $again (local.get 0))))
            (unreachable))
          (local.set 1 (i64.add (local.get 1)))
          (local.set 1 (i64.add (i64.extend_i32_s) (local.get 1)))
          (br $next))
        (local.set 1 (i64.add (i64x2.extract_lane 1) (local.get 1)))
        (local.set 1
          (i64.add (i64.extend_i32_u (struct.get $box 0)) (i64.mul (local.get 1) (i64.const 3)))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "uncaught") (param i32) (result i32) (call $again (local.get 0))))
