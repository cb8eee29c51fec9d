-- outbox_take: which chunk messages of this bulk change were not sent yet? @P1 bulk change.
-- Safe to run twice at once: both get the messages and both send them, which is harmless; they stay due until one is marked sent.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @Taken TABLE (Id bigint NOT NULL PRIMARY KEY, Payload nvarchar(max) NOT NULL);
UPDATE o
SET NextAttemptAt = DATEADD(SECOND, 60, SYSUTCDATETIME()), Attempts = o.Attempts + 1
OUTPUT inserted.Id, inserted.Payload INTO @Taken (Id, Payload)
FROM dbo.BulkChangeOutbox AS o
WHERE o.BulkChangeId = @P1 AND o.Kind = 'chunk' AND o.SentAt IS NULL;
SELECT t.Id, t.Payload, b.TraceId
FROM @Taken AS t
LEFT JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = @P1
ORDER BY t.Id;
