-- Old way, once a page: is an earlier bulk change of the tenant still under way? The old system worked on one at a time.
-- Safe to run twice at once: it only reads.
-- @P1 bulk change, @P2 tenant.
SELECT COUNT_BIG(*) AS UnderWay
FROM dbo.DeviceBulkChange AS b
WHERE b.id < @P1 AND b.TenantId = @P2 AND b.Status IN (N'NEW', N'PROCESSING');
