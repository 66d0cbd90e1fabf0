(module
  (import "env" "base" (global $base i64))
  (global $start i32
    (global.get $base)))
