;; What the panes of validation show: blocks, a branch, a local that must be set.
(module
  (global $limit i32 (i32.const 10))
  (func $first (export "first") (param $items (ref array)) (param $n i32)
    (result i32)
    (local $kept (ref array))
    i32.const 7
    block $done (result i32)
      (local.set $kept (local.get $items))
      local.get $n
      global.get $limit
      local.get $n
      i32.lt_s
      br_if $done
      i32.const 2
      i32.mul
      br $done
      i32.add
    end
    i32.add))
