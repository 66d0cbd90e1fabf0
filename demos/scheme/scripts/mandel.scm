; The Mandelbrot set in characters, by floating point
(define width 72)
(define height 25)
(define limit 100)
(define shades " .:-=+*#%@")

; How many steps z = z*z + c stays near zero, from z = 0.
(define (steps cr ci)
  (let loop ((n 0) (r 0.) (i 0.))
    (let ((rr (* r r)) (ii (* i i)))
      (if (or (= n limit) (> (+ rr ii) 4.))
          n
          (loop (+ n 1) (+ (- rr ii) cr) (+ (* 2. (* r i)) ci))))))

(define (shade n)
  (string-ref shades (if (= n limit) 9 (min 8 (quotient n 2)))))

(do ((y 0 (+ y 1)))
    ((= y height))
  (do ((x 0 (+ x 1)))
      ((= x width))
    (write-char (shade (steps (- (* 3.2 (/ x width)) 2.3)
                              (- (* 2.4 (/ y (- height 1))) 1.2)))))
  (newline))
