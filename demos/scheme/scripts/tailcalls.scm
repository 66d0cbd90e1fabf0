; A million tail calls between two procedures, in constant space
(define (even-steps? n) (if (= n 0) #t (odd-steps? (- n 1))))
(define (odd-steps? n) (if (= n 0) #f (even-steps? (- n 1))))

(display "is 1000000 even? ")
(display (even-steps? 1000000))
(newline)

; A state machine whose states call one another: does a binary number divide by three?
(define (divisible-by-3? digits)
  (define (zero d) (cond ((null? d) #t) ((= (car d) 0) (zero (cdr d))) (else (one (cdr d)))))
  (define (one d) (cond ((null? d) #f) ((= (car d) 0) (two (cdr d))) (else (zero (cdr d)))))
  (define (two d) (cond ((null? d) #f) ((= (car d) 0) (one (cdr d))) (else (two (cdr d)))))
  (zero digits))
(define (binary n)
  (let loop ((n n) (digits '()))
    (if (= n 0) digits (loop (quotient n 2) (cons (remainder n 2) digits)))))
(display "multiples of 3 up to 30: ")
(display (filter (lambda (n) (divisible-by-3? (binary n))) (iota 30 1)))
(newline)

; Without tail calls the same depth is an error, and one that can be caught.
(define (count-up n) (+ 1 (count-up (+ n 1))))
(display "and without an end: ")
(guard (e (#t (display (condition/report-string e))))
  (count-up 0))
(newline)
