(module
  (type $point (struct (field $x (mut i32))))
  (type $name (struct (field $n i64)))
  (func (param $p (ref null $name)) (result i32)
    (struct.get $point $x (local.get $p))))
