(module $calls
  (type $unary (func (param i32) (result i32)))
  (table funcref (elem $double $square))

  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))

  ;; a call whose target is known
  (func $factorial (export "factorial") (param $n i32) (result i32)
    local.get $n
    i32.const 2
    i32.lt_u
    if (result i32)
      i32.const 1
    else
      local.get $n
      local.get $n
      i32.const 1
      i32.sub
      call $factorial
      i32.mul
    end)

  ;; a call whose target is found in the table
  (func (export "apply") (param $which i32) (param $x i32) (result i32)
    local.get $x
    local.get $which
    call_indirect (type $unary))

  ;; a recursion without end
  (func $forever (export "forever")
    call $forever))
