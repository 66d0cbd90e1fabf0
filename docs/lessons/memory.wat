(module
  (memory (export "memory") 1)          ;; one page: 65,536 bytes
  (data (i32.const 16) "\2a\00\00\00\ff")

  (func (export "read") (param $address i32) (result i32)
    local.get $address
    i32.load)

  (func (export "byte") (param $address i32) (result i32 i32)
    (i32.load8_u (local.get $address))
    (i32.load8_s (local.get $address)))

  (func (export "write") (param $address i32) (param $value i32) (result i32)
    (i32.store (local.get $address) (local.get $value))
    (i32.load8_u (local.get $address)))

  (func (export "grow") (param $pages i32) (result i32 i32)
    (memory.grow (local.get $pages))
    (memory.size)))
