(module (func (export "loop") (loop (br 0))) (func (export "fine")))
(invoke "loop")
(invoke "fine")
