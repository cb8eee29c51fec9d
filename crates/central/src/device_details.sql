-- Answers: everything about one device: what it is, whose, on which plans, its newest changes.
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 device, @P5 changes at most, @P6 history rows at most.
-- A device is seen by who may use its customer, and by everybody of the tenant while it has none. One that is not seen answers like
-- one that does not exist: with no row. Of the time with other customers it shows what device_history.sql does; of its changes those
-- whose bulk change the caller sees by the rule of status.sql.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;
-- The customers of User_Role_Site; none is looked for when all may be used.
DECLARE @mine TABLE (Id uniqueidentifier NOT NULL PRIMARY KEY, AccountNumber nvarchar(50) NOT NULL, Account int NULL);
INSERT INTO @mine (Id, AccountNumber, Account)
SELECT DISTINCT c.id, c.RevCustomerId, c.IntegrationAuthenticationId
FROM dbo.User_Role_Site AS u
INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
INNER JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
WHERE @P3 = 0 AND u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0
  AND s.TenantId = @P1 AND c.TenantId = @P1;
DECLARE @device int;
DECLARE @iccid nvarchar(50);
DECLARE @provider int;
SET @device = (
    SELECT d.id
    FROM dbo.Device AS d
    INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId AND p.TenantId = @P1
    LEFT JOIN dbo.Device_Tenant AS t ON t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0
        AND t.AccountNumber <> N''
    WHERE d.id = @P4
      AND (@P3 = 1
           OR t.id IS NULL
           OR EXISTS (
               SELECT 1 FROM @mine AS m
               WHERE m.AccountNumber = t.AccountNumber
                 AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR m.Account = t.AccountNumberIntegrationAuthenticationId))));
SET @iccid = (SELECT d.ICCID FROM dbo.Device AS d WHERE d.id = @device);
SET @provider = (SELECT d.ServiceProviderId FROM dbo.Device AS d WHERE d.id = @device);

-- 1: the device, with the columns of inventory.sql and those that only this page shows
SELECT
    d.id AS DeviceId,
    d.ICCID,
    NULLIF(d.MSISDN, N'') AS MSISDN,
    NULLIF(d.EID, N'') AS EID,
    NULLIF(d.IMEI, N'') AS IMEI,
    COALESCE(s.DisplayName, d.Status) AS DeviceStatus,
    s.StatusColor,
    CAST(COALESCE(policy.AllowsAssignment, s.IsActiveStatus, 0) AS bit) AS AllowsAssignment,
    p.id AS ServiceProviderId,
    COALESCE(p.DisplayName, p.Name) AS ServiceProviderName,
    NULLIF(t.AccountNumber, N'') AS AccountNumber,
    (SELECT TOP (1) c.CustomerName FROM dbo.RevCustomer AS c
     WHERE c.TenantId = @P1 AND c.RevCustomerId = t.AccountNumber
       AND (t.AccountNumberIntegrationAuthenticationId IS NULL
            OR c.IntegrationAuthenticationId = t.AccountNumberIntegrationAuthenticationId)
     ORDER BY c.IsDeleted, c.id) AS CustomerName,
    site.id AS SiteId,
    site.Name AS SiteName,
    COALESCE(NULLIF(d.RatePlan, N''), carrier.RatePlanCode) AS CarrierRatePlan,
    planned.id AS CustomerRatePlanId,
    planned.RatePlanName AS CustomerRatePlanName,
    pool.id AS CustomerRatePoolId,
    pool.Name AS CustomerRatePoolName,
    d.CtdDataUsage,
    d.CtdSmsUsage,
    d.LastUsageDate,
    d.ProviderDateActivated,
    d.ProviderDateAdded,
    d.BillingCycleEndDate,
    CAST(CASE WHEN d.IsActive = 0 AND d.IsDeleted = 1 THEN 1 ELSE 0 END AS bit) AS Archived,
    -- Unfinished as check.sql says it.
    COALESCE(
        (SELECT MIN(w.BulkChangeId) FROM dbo.DeviceChangeWork AS w
         WHERE w.DeviceId = d.id AND w.TenantId = @P1 AND w.ClosedAt IS NULL AND w.DeviceId IS NOT NULL),
        (SELECT MIN(b.id)
         FROM dbo.M2M_DeviceChange AS m
         INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId
         WHERE m.ICCID = d.ICCID AND m.IsProcessed = 0 AND m.IsDeleted = 0
           AND b.ChangeRequestTypeId = 4 AND b.TenantId = @P1 AND b.ServiceProviderId = d.ServiceProviderId AND b.IsDeleted = 0
           AND b.CreatedDate > DATEADD(day, -7, SYSUTCDATETIME()))) AS UnfinishedChange,
    NULLIF(d.IMSI, N'') AS IMSI,
    NULLIF(d.IpAddress, N'') AS IpAddress,
    NULLIF(d.DeviceDescription, N'') AS DeviceDescription,
    NULLIF(d.CommunicationPlan, N'') AS CommunicationPlan,
    NULLIF(d.APN, N'') AS APN,
    NULLIF(d.CostCenter, N'') AS CostCenter,
    t.CustomerDataAllocationMB,
    -- Device_Tenant tells when its row was written last, for whatever reason; the history tells when the customer came.
    COALESCE(came.DateOfChange, t.ModifiedDate, t.CreatedDate) AS AssignedSince,
    CASE WHEN came.id IS NULL THEN COALESCE(t.ModifiedBy, t.CreatedBy) ELSE came.ChangedBy END AS AssignedBy,
    service.RevServiceId,
    service.Number AS ServiceNumber,
    NULLIF(service.ActivatedDate, N'') AS ServiceActivatedDate,
    NULLIF(service.DisconnectedDate, N'') AS ServiceDisconnectedDate
FROM dbo.Device AS d
INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
LEFT JOIN dbo.DeviceStatus AS s ON s.id = d.DeviceStatusId
LEFT JOIN dbo.DeviceStatusPolicy AS policy ON policy.DeviceStatusId = d.DeviceStatusId
LEFT JOIN dbo.JasperCarrierRatePlan AS carrier ON carrier.id = d.CarrierRatePlanId
LEFT JOIN dbo.Device_Tenant AS t ON t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0
LEFT JOIN dbo.Sites AS site ON site.id = t.SiteId AND site.TenantId = @P1
LEFT JOIN dbo.JasperCustomerRatePlan AS planned ON planned.id = t.CustomerRatePlanId AND planned.TenantId = @P1
LEFT JOIN dbo.CustomerRatePool AS pool ON pool.id = t.CustomerRatePoolId AND pool.TenantId = @P1
LEFT JOIN dbo.RevService AS service ON service.id = t.RevServiceId
    AND EXISTS (SELECT 1 FROM dbo.RevCustomer AS payer WHERE payer.id = service.RevCustomerId AND payer.TenantId = @P1)
LEFT JOIN dbo.DeviceActionHistory AS came ON came.id = (
    SELECT TOP (1) h.id FROM dbo.DeviceActionHistory AS h
    WHERE h.M2MDeviceId = d.id AND h.TenantId = @P1 AND h.IsDeleted = 0
      AND h.ChangedField = N'Customer' AND h.CustomerAccountNumber = t.AccountNumber
    ORDER BY h.DateOfChange DESC, h.id DESC)
WHERE d.id = @device;

-- 2: plans that wait for their day, of the tenant that the device is seen from
SELECT planned.id AS CustomerRatePlanId, planned.RatePlanName AS CustomerRatePlanName,
    pool.id AS CustomerRatePoolId, pool.Name AS CustomerRatePoolName, q.EffectiveDate
FROM dbo.Device_CustomerRatePlanOrRatePool_Queue AS q
LEFT JOIN dbo.JasperCustomerRatePlan AS planned ON planned.id = q.CustomerRatePlanId AND planned.TenantId = @P1
LEFT JOIN dbo.CustomerRatePool AS pool ON pool.id = q.CustomerRatePoolId AND pool.TenantId = @P1
WHERE q.DeviceId = @device AND q.TenantId = @P1 AND q.PortalType = 0 AND q.IsActive = 1
ORDER BY q.EffectiveDate, q.Id;

-- 3: its newest changes. Another producer's rows know it by ICCID and service provider only.
SELECT TOP (@P5)
    m.BulkChangeId, b.ChangeRequestTypeId, m.Status, m.StatusDetails, m.CreatedDate, m.ProcessedDate, m.CreatedBy
FROM dbo.M2M_DeviceChange AS m
INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId
LEFT JOIN dbo.BulkChangeWork AS w ON w.TenantId = @P1 AND w.BulkChangeId = COALESCE(
    (SELECT q.BulkChangeId FROM dbo.BulkChangeWork AS q WHERE q.BulkChangeId = b.id),
    (SELECT MIN(q.BulkChangeId) FROM dbo.BulkChangeWork AS q WHERE q.LinkedBulkChangeId = b.id),
    (SELECT MIN(q.BulkChangeId) FROM dbo.DeviceChangeWork AS q WHERE q.LinkedBulkChangeId = b.id))
LEFT JOIN dbo.DeviceBulkChange AS origin ON origin.id = w.BulkChangeId
WHERE m.ICCID = @iccid AND m.IsDeleted = 0 AND (m.DeviceId = @device OR m.DeviceId IS NULL)
  AND b.TenantId = @P1 AND b.ServiceProviderId = @provider AND b.IsDeleted = 0
  AND (@P3 = 1
       OR EXISTS (SELECT 1 FROM @mine AS c WHERE c.AccountNumber = w.RevCustomerId AND c.Account = w.IntegrationAuthenticationId)
       OR EXISTS (
           SELECT 1 FROM dbo.User_Role_Site AS u
           INNER JOIN dbo.Sites AS own ON own.id = u.SiteId
           WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0
             AND own.TenantId = @P1 AND own.id = origin.SiteId))
ORDER BY m.id DESC;

-- 4: how much has changed, and 5: the newest of it, by the rule of device_history.sql
SELECT COUNT_BIG(*) AS Total
FROM dbo.DeviceActionHistory AS h
WHERE h.M2MDeviceId = @device AND h.TenantId = @P1 AND h.IsDeleted = 0
  AND (@P3 = 1
       OR COALESCE(h.CustomerAccountNumber, N'') = N''
       OR EXISTS (SELECT 1 FROM @mine AS m WHERE m.AccountNumber = h.CustomerAccountNumber));
SELECT TOP (@P6)
    h.id,
    h.ChangedField,
    CASE
        WHEN @P3 = 1 OR COALESCE(h.ChangedField, N'') NOT IN (N'Customer', N'Rev Service') THEN h.PreviousValue
        WHEN h.ChangedField = N'Customer' AND EXISTS (
            SELECT 1 FROM @mine AS m
            WHERE h.PreviousValue = m.AccountNumber
               OR RIGHT(h.PreviousValue, LEN(m.AccountNumber) + 2) = CONCAT(N'(', m.AccountNumber, N')')) THEN h.PreviousValue
        WHEN h.ChangedField = N'Rev Service' AND EXISTS (
            SELECT 1 FROM @mine AS m
            INNER JOIN dbo.RevService AS v ON v.RevCustomerId = m.Id AND v.IntegrationAuthenticationId = m.Account
            WHERE v.RevServiceId = TRY_CAST(h.PreviousValue AS int)) THEN h.PreviousValue
    END AS PreviousValue,
    h.CurrentValue,
    h.ChangeEventType,
    h.DateOfChange,
    h.ChangedBy,
    h.BulkChangeId,
    NULLIF(h.CustomerAccountNumber, N'') AS CustomerAccountNumber,
    h.CustomerAccountName
FROM dbo.DeviceActionHistory AS h
WHERE h.M2MDeviceId = @device AND h.TenantId = @P1 AND h.IsDeleted = 0
  AND (@P3 = 1
       OR COALESCE(h.CustomerAccountNumber, N'') = N''
       OR EXISTS (SELECT 1 FROM @mine AS m WHERE m.AccountNumber = h.CustomerAccountNumber))
ORDER BY h.DateOfChange DESC, h.id DESC;
