; The sieve of Eratosthenes in a vector
(define limit 50000)
(define composite (make-vector (+ limit 1) #f))

(define (strike multiple step)
  (when (<= multiple limit)
    (vector-set! composite multiple #t)
    (strike (+ multiple step) step)))

(define (sieve n primes)
  (cond ((> n limit) (reverse primes))
        ((vector-ref composite n) (sieve (+ n 1) primes))
        (else (strike (* n n) n)
              (sieve (+ n 1) (cons n primes)))))

(define primes (sieve 2 '()))

(define (take l n) (if (= n 0) '() (cons (car l) (take (cdr l) (- n 1)))))

(display "first: ")
(display (take primes 15))
(newline)
(display "below ")
(display limit)
(display ": ")
(display (length primes))
(newline)
(display "last: ")
(display (car (last-pair primes)))
(newline)

(define twins
  (let loop ((l primes) (n 0))
    (if (null? (cdr l))
        n
        (loop (cdr l) (if (= (- (cadr l) (car l)) 2) (+ n 1) n)))))
(display "twins: ")
(display twins)
(newline)
