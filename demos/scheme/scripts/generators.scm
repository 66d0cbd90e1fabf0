; Generators and backtracking from call/cc
; A generator runs `body` a piece at a time: each (yield x) hands out x and waits.
(define (generator body)
  (define return #f)
  (define (resume)
    (body (lambda (x)
            (call/cc (lambda (rest)
                       (set! resume (lambda () (rest #f)))
                       (return x)))))
    (set! resume (lambda () (return 'done)))
    (return 'done))
  (lambda ()
    (call/cc (lambda (k)
               (set! return k)
               (resume)))))

(define (walk tree yield)
  (cond ((null? tree) #f)
        ((pair? tree) (walk (car tree) yield) (walk (cdr tree) yield))
        (else (yield tree))))

(define (leaves tree) (generator (lambda (yield) (walk tree yield))))

; Two trees have the same fringe if their leaves agree in order, whatever their shape. Both walks
; are suspended halfway most of the time.
(define (same-fringe? a b)
  (let ((next-a (leaves a)) (next-b (leaves b)))
    (let loop ()
      (let ((x (next-a)) (y (next-b)))
        (cond ((not (eqv? x y)) #f)
              ((eq? x 'done) #t)
              (else (loop)))))))

(define naturals
  (generator (lambda (yield)
               (let loop ((n 0))
                 (yield n)
                 (loop (+ n 1))))))

(define next (leaves '((a (b)) (c (d . e)))))
(let loop ((x (next)))
  (display x)
  (display " ")
  (unless (eq? x 'done) (loop (next))))
(newline)

(display (same-fringe? '(1 (2 3) 4) '((1 2) (3 (4)))))
(display " ")
(display (same-fringe? '(1 (2 3) 4) '((1 2) (4 (3)))))
(newline)

(define (skip n) (if (> n 0) (begin (naturals) (skip (- n 1)))))
(skip 1000)
(display (list (naturals) (naturals) (naturals)))
(newline)

; Backtracking: (choose l) returns an element of l; (fail) goes back to the last choice and takes
; the next. The same continuation returns many times.
(define choices '())
(define (fail)
  (if (null? choices)
      (error "no choice left")
      (let ((k (car choices)))
        (set! choices (cdr choices))
        (k #f))))
(define (choose l)
  (if (null? l)
      (fail)
      (or (call/cc (lambda (k)
                     (set! choices (cons k choices))
                     (car l)))
          (choose (cdr l)))))

(let* ((a (choose (iota 20 1)))
       (b (choose (iota 20 1)))
       (c (choose (iota 20 1))))
  (unless (and (< a b) (= (+ (* a a) (* b b)) (* c c)) (> c 13)) (fail))
  (display "a right triangle: ")
  (display (list a b c))
  (newline))
