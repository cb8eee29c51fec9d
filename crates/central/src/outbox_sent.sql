-- Marks messages as sent. @P1 ids as a JSON list.
-- Safe to run twice at once: the time of the first run stays.
UPDATE o
SET SentAt = SYSUTCDATETIME(), LastError = NULL
FROM dbo.BulkChangeOutbox AS o
INNER JOIN OPENJSON(@P1) WITH (Id bigint '$') AS sent ON sent.Id = o.Id
WHERE o.SentAt IS NULL;
