; Conway's game of life: a glider crosses a small torus
(define width 16)
(define height 8)

(define (make-world) (make-vector (* width height) 0))
(define (place x y) (+ (modulo x width) (* width (modulo y height))))
(define (cell world x y) (vector-ref world (place x y)))

(define (neighbours world x y)
  (let loop ((dx -1) (dy -1) (sum 0))
    (cond ((> dy 1) (- sum (cell world x y)))
          ((> dx 1) (loop -1 (+ dy 1) sum))
          (else (loop (+ dx 1) dy (+ sum (cell world (+ x dx) (+ y dy))))))))

(define (for-each-cell f)
  (do ((y 0 (+ y 1)))
      ((= y height))
    (do ((x 0 (+ x 1)))
        ((= x width))
      (f x y))))

(define (step world)
  (let ((next (make-world)))
    (for-each-cell
     (lambda (x y)
       (let ((n (neighbours world x y)))
         (when (or (= n 3) (and (= n 2) (= (cell world x y) 1)))
           (vector-set! next (place x y) 1)))))
    next))

(define (show world)
  (for-each-cell
   (lambda (x y)
     (display (if (= (cell world x y) 1) "#" "."))
     (when (= x (- width 1)) (newline)))))

(define (generations world n)
  (if (= n 0) world (generations (step world) (- n 1))))

(define glider (make-world))
(for-each (lambda (p) (vector-set! glider (place (car p) (cadr p)) 1))
          '((1 0) (2 1) (0 2) (1 2) (2 2)))

(let loop ((n 0) (world glider))
  (display "generation ")
  (display n)
  (newline)
  (show world)
  (when (< n 24)
    (newline)
    (loop (+ n 8) (generations world 8))))
