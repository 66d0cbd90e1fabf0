;; A command: only its functions can be imported.
(module (func (export "_start")) (memory (export "memory") 1) (func (export "run")))
