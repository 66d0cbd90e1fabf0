(module
  (func (param funcref) (result funcref)
    (select (local.get 0) (ref.null func) (i32.const 1))))
