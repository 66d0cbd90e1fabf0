; Eight queens: the first board, and how many there are
(define size 8)

; A board is a list of columns, one for each row already filled, the newest first.
(define (safe? column board)
  (let check ((rest board) (distance 1))
    (or (null? rest)
        (let ((other (car rest)))
          (and (not (= other column))
               (not (= (abs (- other column)) distance))
               (check (cdr rest) (+ distance 1)))))))

; Calls `found` with every full board.
(define (queens board row found)
  (if (= row size)
      (found board)
      (do ((column 0 (+ column 1)))
          ((= column size))
        (when (safe? column board)
          (queens (cons column board) (+ row 1) found)))))

(define (show board)
  (for-each
   (lambda (queen)
     (do ((column 0 (+ column 1)))
         ((= column size) (newline))
       (display (if (= column queen) " Q" " ."))))
   board))

(define count 0)
(queens '() 0
        (lambda (board)
          (when (= count 0) (show board))
          (set! count (+ count 1))))

(display count)
(display " solutions")
(newline)
