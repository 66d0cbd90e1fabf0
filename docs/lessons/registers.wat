(module
  (func $area (export "area") (param $width i32) (param $height i32) (result i32)
    local.get $width
    local.get $height
    i32.mul)

  (func $count (export "count") (param $n i32) (result i32)
    (local $i i32)
    loop $next
      local.get $i
      i32.const 1
      i32.add
      local.tee $i
      local.get $n
      i32.lt_u
      br_if $next
    end
    local.get $i))
