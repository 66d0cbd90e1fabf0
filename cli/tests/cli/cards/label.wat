(module
  (func
    (block $done
      (br $out))))
