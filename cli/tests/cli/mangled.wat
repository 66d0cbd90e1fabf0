(module
  (func $_ZN4core6option13expect_failed17h0123456789abcdefE unreachable)
  (func (export "go") (call $_ZN4core6option13expect_failed17h0123456789abcdefE)))
