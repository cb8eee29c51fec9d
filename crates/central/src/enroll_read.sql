-- enroll_read: what is this bulk change that a message names as a whole, and which of its rows does nobody work on yet?
-- Safe to run twice at once: it only reads. What changes until the rows are enrolled is caught there.
-- Rows of other types and portals are not read: they are not ours to judge.
-- What an earlier enrolment stored is told only when it accepted a row: nothing else fixes customer, account and options.
-- @P1 bulk change.
SET NOCOUNT ON;

SELECT
    d.TenantId,
    d.CreatedBy,
    d.ServiceProviderId,
    d.ChangeRequestTypeId,
    COALESCE(i.PortalTypeId, 0) AS PortalTypeId,
    d.IsDeleted,
    CAST(CASE WHEN b.BulkChangeId IS NULL THEN 0 ELSE 1 END AS bit) AS HasWork,
    CAST(CASE WHEN EXISTS (SELECT 1 FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = d.id) THEN 1 ELSE 0 END AS bit) AS IsFixed,
    NULLIF(b.RevCustomerId, '') AS RevCustomerId,
    NULLIF(b.IntegrationAuthenticationId, 0) AS IntegrationAuthenticationId,
    b.Options
FROM dbo.DeviceBulkChange AS d
LEFT JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = d.id
LEFT JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
LEFT JOIN dbo.Integration AS i ON i.id = p.IntegrationId
WHERE d.id = @P1;

-- The JSON is text here: one row that cannot be read does not fail the others (13609).
SELECT m.id AS ChangeId, m.ICCID, m.DeviceId, COALESCE(m.ChangeRequest, q.ChangeRequest) AS ChangeRequest
FROM dbo.M2M_DeviceChange AS m
INNER JOIN dbo.DeviceBulkChange AS d ON d.id = m.BulkChangeId
LEFT JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
LEFT JOIN dbo.Integration AS i ON i.id = p.IntegrationId
LEFT JOIN dbo.DeviceChangeRequest AS q ON q.id = m.DeviceChangeRequestId
WHERE m.BulkChangeId = @P1
  AND m.IsProcessed = 0
  AND m.IsDeleted = 0
  AND d.ChangeRequestTypeId = 4
  AND d.IsDeleted = 0
  AND COALESCE(i.PortalTypeId, 0) = 0
  AND NOT EXISTS (SELECT 1 FROM dbo.DeviceChangeWork AS w WHERE w.ChangeId = m.id)
ORDER BY m.id;
