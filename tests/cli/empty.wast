;; Nothing but a comment.
