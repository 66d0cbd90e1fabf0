(module (func (export "f") (param i32)) (memory (export "m") 1))
