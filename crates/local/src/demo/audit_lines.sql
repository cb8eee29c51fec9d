-- Answers: the service line that the tables name for each device of a bulk change that was processed.
-- @P1 bulk change.
SELECT m.ICCID, CAST(s.RevServiceId AS bigint) AS LineId
FROM dbo.M2M_DeviceChange AS m
INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId
INNER JOIN dbo.Device_Tenant AS t ON t.DeviceId = m.DeviceId AND t.TenantId = b.TenantId
INNER JOIN dbo.RevService AS s ON s.id = t.RevServiceId
WHERE m.BulkChangeId = @P1 AND m.Status = N'PROCESSED';
