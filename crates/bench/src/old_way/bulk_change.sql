-- Old way, once a page: which bulk change is this, and whose?
-- Safe to run twice at once: it only reads.
-- @P1 bulk change.
SELECT b.TenantId, b.ServiceProviderId, b.CreatedBy
FROM dbo.DeviceBulkChange AS b
WHERE b.id = @P1;
