(module
  (func (param $p (ref any)) (result (ref any))
    (local $kept (ref any))
    (block
      (local.set $kept (local.get $p)))
    local.get $kept))
