;; Uses of rules of the formal spec that the official suite has no case of: steps first, then
;; instructions at which a module is refused.

(module
  (tag $e)
  (memory 1)
  (func (export "branch") (param i32) (result i32)
    (block $out (result i32)
      (try_table (result i32)
        (block (br_if $out (i32.const 7) (local.get 0)) (drop))
        (br $out (i32.const 8)))))
  (func (export "return") (param i32) (result i32)
    (block $out
      (try_table (catch_all $out)
        (try_table
          (if (local.get 0) (then (return (i32.const 7))))
          (throw $e))))
    (i32.const 8))
  (func (export "throw-null")
    (block (try_table (catch_all 0) (throw_ref (ref.null exn)))))
  (func (export "load-lane") (param i32) (result v128)
    (v128.load32_lane offset=1 3 (local.get 0) (v128.const i32x4 1 2 3 4)))
  (func (export "store-lane") (param i32)
    (v128.store16_lane 7 (local.get 0) (v128.const i32x4 -1 -1 -1 -1))))
(assert_return (invoke "branch" (i32.const 1)) (i32.const 7))
(assert_return (invoke "branch" (i32.const 0)) (i32.const 8))
(assert_return (invoke "return" (i32.const 1)) (i32.const 7))
(assert_return (invoke "return" (i32.const 0)) (i32.const 8))
(assert_trap (invoke "throw-null") "null exception reference")
(assert_return (invoke "load-lane" (i32.const 65531)) (v128.const i32x4 1 2 3 0))
(assert_trap (invoke "load-lane" (i32.const 65532)) "out of bounds memory access")
(assert_trap (invoke "load-lane" (i32.const -1)) "out of bounds memory access")
(assert_return (invoke "store-lane" (i32.const 65534)))
(assert_trap (invoke "store-lane" (i32.const 65535)) "out of bounds memory access")
(assert_return (invoke "load-lane" (i32.const 65531)) (v128.const i32x4 1 2 3 0xffff0000))

;; References.
(assert_invalid
  (module (func (param externref) (block (result i32) (br_on_null 0 (local.get 0)) (unreachable))
    (drop)))
  "type mismatch")
(assert_invalid
  (module (func (param externref) (block (br_on_non_null 0 (local.get 0)))))
  "type mismatch")
(assert_invalid (module (func (drop (ref.null 1)))) "unknown type")
(assert_invalid (module (func (drop (ref.as_non_null (i32.const 0))))) "type mismatch")
(assert_invalid
  (module (func (param funcref) (drop (ref.test anyref (local.get 0)))))
  "type mismatch")
(assert_invalid
  (module (func (param externref) (drop (ref.cast (ref i31) (local.get 0)))))
  "type mismatch")
(assert_invalid
  (module (func (param externref) (drop (extern.convert_any (local.get 0)))))
  "type mismatch")
(assert_invalid
  (module (func (param anyref) (drop (any.convert_extern (local.get 0)))))
  "type mismatch")

;; Structures and arrays.
(assert_invalid
  (module (type $s (struct (field i32 i64))) (func (drop (struct.new $s (i32.const 0)))))
  "type mismatch")
(assert_invalid
  (module (type $s (struct (field (ref any)))) (func (drop (struct.new_default $s))))
  "field type is not defaultable")
(assert_invalid
  (module (type $s (struct (field i8))) (func (param (ref $s)) (drop (struct.get $s 0 (local.get 0)))))
  "field is packed")
(assert_invalid
  (module (type $a (array i64)) (func (drop (array.new $a (i32.const 0) (i32.const 1)))))
  "type mismatch")
(assert_invalid
  (module (type $a (array (ref any))) (func (drop (array.new_default $a (i32.const 1)))))
  "array type is not defaultable")
(assert_invalid
  (module (type $a (array i32)) (func (drop (array.new_fixed $a 2 (i32.const 1)))))
  "type mismatch")
(assert_invalid
  (module (type $a (array anyref)) (elem $e func)
    (func (drop (array.new_elem $a $e (i32.const 0) (i32.const 0)))))
  "type mismatch")
(assert_invalid
  (module (type $a (array anyref)) (data $d "")
    (func (drop (array.new_data $a $d (i32.const 0) (i32.const 0)))))
  "array type is not numeric or vector")
(assert_invalid
  (module (type $a (array i16))
    (func (param (ref $a)) (drop (array.get $a (local.get 0) (i32.const 0)))))
  "array is packed")

(assert_invalid (module (func (drop (table.size 0)))) "unknown table")
