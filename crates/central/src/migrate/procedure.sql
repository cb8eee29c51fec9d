-- Whether a procedure of this name exists, whoever made it.
SELECT OBJECT_ID(@P1, N'P') AS Id;
