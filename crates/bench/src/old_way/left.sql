-- Old way, once a page: is there another page?
-- Safe to run twice at once: it only reads.
-- @P1 bulk change.
SELECT COUNT_BIG(*) AS Unprocessed
FROM dbo.M2M_DeviceChange AS m
WHERE m.BulkChangeId = @P1 AND m.IsProcessed = 0;
