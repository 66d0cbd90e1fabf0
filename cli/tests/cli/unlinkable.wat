(module (import "env" "foo" (func (param i32))))
