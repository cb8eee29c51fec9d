-- Notes why messages were not sent; the sweep offers them again when NextAttemptAt has come. @P1 JSON list of id and error.
-- Safe to run twice at once: it writes the same, and a message that was sent meanwhile is left alone.
UPDATE o
SET LastError = failed.Error
FROM dbo.BulkChangeOutbox AS o
INNER JOIN OPENJSON(@P1) WITH (Id bigint '$.id', Error nvarchar(1000) '$.error') AS failed ON failed.Id = o.Id
WHERE o.SentAt IS NULL;
