-- Whether a procedure of this name exists that another runner of ours did not make since we looked. @P1 name, @P2 our file.
SELECT OBJECT_ID(@P1, N'P') AS Id
WHERE NOT EXISTS (SELECT 1 FROM dbo.BulkChangeMigrations AS m WHERE m.Name = @P2);
