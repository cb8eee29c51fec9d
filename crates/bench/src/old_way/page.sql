-- Old way: the next page of changes that nobody has processed.
-- Safe to run twice at once: it only reads, and whoever asks twice works twice.
-- @P1 bulk change, @P2 changes of a page.
DECLARE @Most int = @P2;
SELECT TOP (@Most) m.id AS ChangeId, m.DeviceId, m.ChangeRequest
FROM dbo.M2M_DeviceChange AS m
WHERE m.BulkChangeId = @P1 AND m.IsProcessed = 0
ORDER BY m.id;
