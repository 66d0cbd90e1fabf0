(module
  (func (export "a"))
  (memory (export "a") 1))
