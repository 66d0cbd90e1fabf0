(module
  ;; the sum of the numbers from 1 to $n
  (func (export "sum") (param $n i32) (result i32)
    (local $sum i32)
    block $done
      loop $next
        local.get $n
        i32.eqz
        br_if $done        ;; leaves the block

        local.get $sum
        local.get $n
        i32.add
        local.set $sum

        local.get $n
        i32.const 1
        i32.sub
        local.set $n
        br $next           ;; starts the loop again
      end
    end
    local.get $sum)

  ;; the larger one of two numbers
  (func (export "max") (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    i32.gt_s
    if (result i32)
      local.get $a
    else
      local.get $b
    end))
