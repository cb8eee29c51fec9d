-- Answers: does the database answer. Safe to run twice at once: it reads nothing.
SELECT 1 AS Ready;
