-- show: what happened to one device, wherever it is known?
--
-- Everything in one question, the newest first: devices with the ICCID (of each provider; archived ones too), whose they are now, the
-- newest changes with their work, every log entry of these changes, what changed at the devices, and plans that wait for their day.
-- M2M_DeviceChange has no index by ICCID in every database: this reads the table once, for a person, and is not for programs.
-- Safe to run twice at once: it only reads.
-- @P1 ICCID, @P2 tenant or NULL for all, @P3 changes at most.
SET NOCOUNT ON;
DECLARE @Devices TABLE (DeviceId int NOT NULL PRIMARY KEY);
DECLARE @Changes TABLE (ChangeId bigint NOT NULL PRIMARY KEY, BulkChangeId bigint NOT NULL);

INSERT INTO @Devices (DeviceId)
SELECT d.id
FROM dbo.Device AS d
INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
WHERE d.ICCID = @P1
  AND (@P2 IS NULL
       OR p.TenantId = @P2
       OR EXISTS (SELECT 1 FROM dbo.Device_Tenant AS o WHERE o.DeviceId = d.id AND o.TenantId = @P2));

INSERT INTO @Changes (ChangeId, BulkChangeId)
SELECT TOP (@P3) m.id, m.BulkChangeId
FROM dbo.M2M_DeviceChange AS m
INNER JOIN dbo.DeviceBulkChange AS k ON k.id = m.BulkChangeId
WHERE m.ICCID = @P1 AND (@P2 IS NULL OR k.TenantId = @P2)
ORDER BY m.id DESC;

-- 1. Devices.
SELECT
    d.id AS DeviceId,
    d.ServiceProviderId,
    p.Name AS ProviderName,
    p.TenantId,
    t.Name AS TenantName,
    NULLIF(d.MSISDN, N'') AS MSISDN,
    COALESCE(s.DisplayName, d.Status) AS DeviceStatus,
    CAST(CASE WHEN d.IsActive = 0 AND d.IsDeleted = 1 THEN 1 ELSE 0 END AS bit) AS Archived,
    d.RatePlan
FROM @Devices AS x
INNER JOIN dbo.Device AS d ON d.id = x.DeviceId
INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
LEFT JOIN dbo.Tenant AS t ON t.id = p.TenantId
LEFT JOIN dbo.DeviceStatus AS s ON s.id = d.DeviceStatusId
ORDER BY d.id;

-- 2. Assignments.
SELECT
    o.DeviceId,
    o.TenantId,
    t.Name AS TenantName,
    NULLIF(o.AccountNumber, N'') AS AccountNumber,
    o.AccountNumberIntegrationAuthenticationId AS Account,
    n.Name AS SiteName,
    r.RevServiceId AS ServiceLineId,
    NULLIF(r.DisconnectedDate, N'') AS DisconnectedDate,
    q.RatePlanName,
    l.Name AS PoolName,
    CAST(CASE WHEN o.IsActive = 1 AND o.IsDeleted = 0 THEN 1 ELSE 0 END AS bit) AS Active,
    COALESCE(o.ModifiedBy, o.CreatedBy) AS ChangedBy,
    COALESCE(o.ModifiedDate, o.CreatedDate) AS ChangedAt
FROM @Devices AS x
INNER JOIN dbo.Device_Tenant AS o ON o.DeviceId = x.DeviceId
LEFT JOIN dbo.Tenant AS t ON t.id = o.TenantId
LEFT JOIN dbo.Sites AS n ON n.id = o.SiteId
LEFT JOIN dbo.RevService AS r ON r.id = o.RevServiceId
LEFT JOIN dbo.JasperCustomerRatePlan AS q ON q.id = o.CustomerRatePlanId
LEFT JOIN dbo.CustomerRatePool AS l ON l.id = o.CustomerRatePoolId
WHERE @P2 IS NULL OR o.TenantId = @P2
ORDER BY o.DeviceId, o.TenantId;

-- 3. Changes.
SELECT
    m.id AS ChangeId,
    m.BulkChangeId,
    k.ChangeRequestTypeId,
    k.TenantId,
    k.Status AS BulkStatus,
    m.Status,
    m.StatusDetails,
    m.CreatedBy,
    m.CreatedDate,
    m.ProcessedDate,
    w.Step,
    w.Chunk,
    w.RevServiceLineId,
    w.IntentReference,
    w.IntentNumber,
    w.IntentCustomer,
    w.IntentAt,
    w.Attempts,
    w.Unknowns,
    w.LeaseUntil,
    w.NotBefore,
    w.LastError,
    w.ReviewSince,
    w.ClosedAt,
    b.RevCustomerId,
    b.FinishedAt
FROM @Changes AS x
INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = x.ChangeId
INNER JOIN dbo.DeviceBulkChange AS k ON k.id = m.BulkChangeId
LEFT JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = m.id
LEFT JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = m.BulkChangeId
ORDER BY m.id DESC;

-- 4. What happened in these changes.
SELECT
    l.M2MDeviceChangeId AS ChangeId,
    l.CreatedDate,
    l.LogEntryDescription,
    l.HasErrors,
    l.ResponseStatus,
    l.RequestText,
    l.ResponseText,
    l.ErrorText,
    l.CreatedBy
FROM @Changes AS x
INNER JOIN dbo.DeviceBulkChangeLog AS l ON l.BulkChangeId = x.BulkChangeId AND l.M2MDeviceChangeId = x.ChangeId
ORDER BY l.id;

-- 5. What changed at the devices.
SELECT TOP (200)
    h.BulkChangeId,
    h.M2MDeviceId AS DeviceId,
    h.DateOfChange,
    h.ChangedField,
    h.PreviousValue,
    h.CurrentValue,
    h.ChangeEventType,
    h.ChangedBy,
    h.TenantId
FROM @Devices AS x
INNER JOIN dbo.DeviceActionHistory AS h ON h.M2MDeviceId = x.DeviceId
WHERE @P2 IS NULL OR h.TenantId = @P2
ORDER BY h.id DESC;

-- 6. Plans that wait for their day; another system applies them.
SELECT
    q.DeviceId,
    q.TenantId,
    q.EffectiveDate,
    r.RatePlanName,
    p.Name AS PoolName,
    q.CreatedBy,
    q.CreatedDate
FROM @Devices AS x
INNER JOIN dbo.Device_CustomerRatePlanOrRatePool_Queue AS q ON q.DeviceId = x.DeviceId
LEFT JOIN dbo.JasperCustomerRatePlan AS r ON r.id = q.CustomerRatePlanId
LEFT JOIN dbo.CustomerRatePool AS p ON p.id = q.CustomerRatePoolId
WHERE q.IsActive = 1 AND q.PortalType = 0 AND (@P2 IS NULL OR q.TenantId = @P2)
ORDER BY q.EffectiveDate, q.Id;
