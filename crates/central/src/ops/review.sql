-- review: how do these changes stand, as far as settling them by hand depends on it?
--
-- What is read here is shown to a person, and settle.sql writes only while it still holds. Of changes that do not exist nothing
-- is answered. What speaks against a device is asked as claim.sql asks it.
-- Safe to run twice at once: it only reads.
-- @P1 change ids as a JSON list, @P2 the line at Rev that is to be adopted, or NULL.
SET NOCOUNT ON;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
SELECT
    m.id AS ChangeId,
    m.BulkChangeId,
    m.ICCID,
    m.Status,
    m.StatusDetails,
    w.Fence,
    w.Step,
    w.IntentReference,
    w.IntentAt,
    CAST(DATEDIFF_BIG(SECOND, w.IntentAt, @Now) AS bigint) AS IntentAge,
    w.RevServiceLineId,
    w.ReviewSince,
    w.LastError,
    w.ClosedAt,
    b.RevCustomerId,
    COALESCE(w.IntentNumber, NULLIF(m.MSISDN, N''), m.ICCID) AS Number,
    CASE
        WHEN d.id IS NULL THEN 'device-not-found'
        WHEN d.IsActive = 0 AND d.IsDeleted = 1 THEN 'device-archived'
        WHEN EXISTS (
            SELECT 1
            FROM dbo.Device_Tenant AS o
            WHERE o.DeviceId = w.DeviceId
              AND o.IsActive = 1
              AND o.IsDeleted = 0
              AND o.AccountNumber <> N''
              AND (o.TenantId <> w.TenantId
                   OR o.AccountNumber <> b.RevCustomerId
                   OR o.AccountNumberIntegrationAuthenticationId <> b.IntegrationAuthenticationId)) THEN 'assigned-to-other-customer'
    END AS Blocked,
    -- The line that is to be adopted: is it another change's, and does RevService know it otherwise?
    (SELECT MIN(e.ChangeId)
     FROM dbo.DeviceChangeWork AS e
     WHERE e.RevServiceLineId = @P2
       AND e.ChangeId <> w.ChangeId
       AND e.IntentIntegrationAuthenticationId = b.IntegrationAuthenticationId) AS LineOfChange,
    s.Number AS LineNumber,
    c.RevCustomerId AS LineCustomer,
    CAST(CASE WHEN s.IsActive = 0 OR s.IsDeleted = 1 OR s.DisconnectedDate <> N'' THEN 1 ELSE 0 END AS bit) AS LineDisconnected,
    -- What a person decided about the change before.
    l.LogEntryDescription AS SettledAs,
    l.CreatedBy AS SettledBy,
    l.CreatedDate AS SettledAt
FROM OPENJSON(@P1) WITH (ChangeId bigint '$') AS f
INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = f.ChangeId
LEFT JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = m.id
LEFT JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
LEFT JOIN dbo.Device AS d ON d.id = w.DeviceId
LEFT JOIN dbo.RevService AS s ON s.IntegrationAuthenticationId = b.IntegrationAuthenticationId AND s.RevServiceId = @P2
LEFT JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
LEFT JOIN dbo.DeviceBulkChangeLog AS l ON l.id = (
    SELECT MAX(x.id)
    FROM dbo.DeviceBulkChangeLog AS x
    WHERE x.BulkChangeId = m.BulkChangeId AND x.M2MDeviceChangeId = m.id AND x.LogEntryDescription LIKE N'Review settled: %')
ORDER BY m.id;
