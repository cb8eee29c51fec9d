-- Which number, and which line at Rev, does each device of a bulk change have?
-- Safe to run twice at once: it only reads.
-- @P1 bulk change.
SELECT COALESCE(NULLIF(d.MSISDN, N''), d.ICCID) AS Number, CAST(s.RevServiceId AS bigint) AS Line
FROM dbo.M2M_DeviceChange AS m
INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId
INNER JOIN dbo.Device AS d ON d.id = m.DeviceId
LEFT JOIN dbo.Device_Tenant AS t ON t.DeviceId = d.id AND t.TenantId = b.TenantId
LEFT JOIN dbo.RevService AS s ON s.id = t.RevServiceId
WHERE m.BulkChangeId = @P1
ORDER BY m.id;
