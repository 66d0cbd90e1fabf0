;; Imports of every kind: a function, a memory, a tag, a global, a table.
(module
  (import "lib" "g" (func $g (param i32) (result i64)))
  (import "env" "m" (memory 1 2))
  (import "env" "t" (tag (param i32)))
  (import "env" "v" (global (mut f32)))
  (import "env" "e" (table 3 funcref))
  (func (export "_start") (drop (call $g (i32.const 1)))))
