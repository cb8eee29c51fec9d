-- Old way, once a page: the change of one device, which decides for all of them whether service lines are opened.
-- Safe to run twice at once: it only reads.
-- @P1 bulk change.
SELECT TOP (1) m.ChangeRequest
FROM dbo.M2M_DeviceChange AS m
WHERE m.BulkChangeId = @P1
ORDER BY m.id;
