(module
  (func
    (loop
      (br 2)
      (br 3))))
