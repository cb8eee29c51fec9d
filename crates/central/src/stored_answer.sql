-- Answers: which request was accepted under this key, and what was answered. @P1 key.
-- Safe to run twice at once: it only reads.
SELECT k.Fingerprint, k.BulkChangeId, k.Answer
FROM dbo.BulkChangeRequestKey AS k
WHERE k.KeyHash = @P1;
