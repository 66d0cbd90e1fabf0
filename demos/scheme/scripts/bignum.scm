; Exact integers of any size: 50!, 2^200, and 100 digits of pi
(define (factorial n) (if (= n 0) 1 (* n (factorial (- n 1)))))

(display "50! = ")
(display (factorial 50))
(newline)
(display "2^200 = ")
(display (expt 2 200))
(newline)
(display "50! / 2^200, rounded down: ")
(display (quotient (factorial 50) (expt 2 200)))
(newline)
(display "the same as a double: ")
(display (/ (factorial 50) (expt 2. 200)))
(newline)

; Pi by Machin's formula in integers: pi = 16 atan(1/5) - 4 atan(1/239).
(define (atan-inverse x one)
  (let loop ((term (quotient one x)) (n 1) (sum 0))
    (if (= term 0)
        sum
        (let ((part (quotient term n)))
          (loop (quotient term (* x x))
                (+ n 2)
                (if (= (modulo n 4) 1) (+ sum part) (- sum part)))))))

(define (pi-digits n)
  (let ((one (expt 10 (+ n 10))))
    (quotient (- (* 16 (atan-inverse 5 one)) (* 4 (atan-inverse 239 one)))
              (expt 10 10))))

(let ((digits (number->string (pi-digits 100))))
  (display "pi = ")
  (display (substring digits 0 1))
  (display ".")
  (display (substring digits 1))
  (newline))

(define (fib n)
  (let loop ((a 0) (b 1) (n n)) (if (= n 0) a (loop b (+ a b) (- n 1)))))
(display "fib 300 = ")
(display (fib 300))
(newline)
