; A greeting, and a first look at lists, closures and strings
(display "Hello from Scheme, inside WebAssembly!")
(newline)

(define (adder n) (lambda (x) (+ x n)))

(display "squares: ")
(write (map square (iota 10 1)))
(newline)

(display "plus ten: ")
(write (map (adder 10) '(1 2 3)))
(newline)

(define (shout s) (list->string (map char-upcase (string->list s))))
(display (string-append "shouted: " (shout "no machine code was made")))
(newline)

(display "and an error, caught: ")
(guard (e (#t (display (condition/report-string e))))
  (car 'not-a-pair))
(newline)
