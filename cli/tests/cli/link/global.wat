;; A command that exports something that no call can give.
(module (func (export "_start")) (global (export "x") i32 (i32.const 0)))
