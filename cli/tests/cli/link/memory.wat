(module (import "lib" "memory" (memory 1)) (func (export "_start")))
