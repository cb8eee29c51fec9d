-- How does a bulk change stand, and how many changes has it?
-- Safe to run twice at once: it only reads.
-- @P1 bulk change.
SELECT CONCAT(b.Status, N', by ', b.ProcessedBy) AS Said, (SELECT COUNT_BIG(*) FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = b.id) AS Changes
FROM dbo.DeviceBulkChange AS b
WHERE b.id = @P1;
