(module (func (export "foo") (param i32)))
