-- Answers: what the tables hold for a bulk change, as counts of devices.
-- @P1 bulk change, @P2 account number, @P3 customer rate plan.
SELECT
    b.Status,
    (SELECT COUNT(*) FROM dbo.M2M_DeviceChange AS m
     WHERE m.BulkChangeId = b.id AND m.Status = N'PROCESSED' AND m.IsProcessed = 1 AND m.HasErrors = 0) AS Processed,
    (SELECT COUNT(*) FROM dbo.M2M_DeviceChange AS m
     WHERE m.BulkChangeId = b.id AND m.Status = N'ERROR' AND m.IsProcessed = 1 AND m.HasErrors = 1) AS Rejected,
    (SELECT COUNT(*) FROM dbo.BulkChangeWork AS w
     INNER JOIN dbo.DeviceBulkChange AS c ON c.id = w.LinkedBulkChangeId
     INNER JOIN dbo.M2M_DeviceChange AS m ON m.BulkChangeId = c.id
     WHERE w.BulkChangeId = b.id AND c.ChangeRequestTypeId = 2) AS Linked,
    (SELECT COUNT(*) FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = b.id AND w.ClosedAt IS NULL) AS OpenWork,
    (SELECT COUNT(*) FROM dbo.M2M_DeviceChange AS m
     INNER JOIN dbo.Device_Tenant AS t ON t.DeviceId = m.DeviceId AND t.TenantId = b.TenantId
     WHERE m.BulkChangeId = b.id AND m.Status = N'PROCESSED' AND t.AccountNumber = @P2 AND t.CustomerRatePlanId = @P3
       AND t.SiteId IS NOT NULL AND t.RevServiceId IS NOT NULL AND t.IsActive = 1 AND t.IsDeleted = 0) AS Assigned,
    (SELECT COUNT(*) FROM dbo.M2M_DeviceChange AS m
     WHERE m.BulkChangeId = b.id AND m.Status = N'PROCESSED'
       AND EXISTS (SELECT 1 FROM dbo.DeviceActionHistory AS h WHERE h.BulkChangeId = b.id AND h.M2MDeviceId = m.DeviceId)) AS WithActionHistory,
    (SELECT COUNT(*) FROM dbo.M2M_DeviceChange AS m
     WHERE m.BulkChangeId = b.id AND m.Status = N'PROCESSED'
       AND EXISTS (SELECT 1 FROM dbo.DeviceHistory AS h WHERE h.DeviceId = m.DeviceId AND h.AccountNumber = @P2)) AS WithHistory,
    (SELECT COUNT(*) FROM dbo.M2M_DeviceChange AS m
     WHERE m.BulkChangeId = b.id AND m.Status = N'PROCESSED'
       AND EXISTS (SELECT 1 FROM dbo.DeviceBulkChangeLog AS l
                   WHERE l.BulkChangeId = b.id AND l.M2MDeviceChangeId = m.id AND l.HasErrors = 0)) AS WithLog
FROM dbo.DeviceBulkChange AS b
WHERE b.id = @P1;
