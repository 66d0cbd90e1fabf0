;; Exceptions that no handler catches: their tags are named by the name section, an export, an
;; import, or not at all.
(module
  (import "env" "given" (tag (param f64)))
  (tag $named (param i32 i64 f32 v128 externref))
  (tag (export "exported\1b"))
  (tag)
  (func (export "by_name")
    (throw $named (i32.const -7) (i64.const 8) (f32.const 0.5)
      (v128.const i32x4 1 2 3 4) (ref.null extern)))
  (func (export "by_export") (throw 2))
  (func (export "by_import") (throw 0 (f64.const nan)))
  (func (export "none") (throw 3)))
