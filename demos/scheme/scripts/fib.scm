; Fibonacci numbers by plain double recursion
(define (fib n)
  (if (< n 2)
      n
      (+ (fib (- n 1)) (fib (- n 2)))))

(do ((n 0 (+ n 5)))
    ((> n 25))
  (display "fib ")
  (display (string-pad-left (number->string n) 2))
  (display " = ")
  (display (fib n))
  (newline))
