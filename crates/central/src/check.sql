-- Answers: was this Idempotency-Key used before; and everything that the checks of a request need to know.
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 service provider, @P5 account number, @P6 ICCIDs as a JSON list,
-- @P7 customer rate plan, @P8 customer rate pool, @P9 carrier rate plan, @P10 key, @P11 integration authentication,
-- @P12 whether activation dates are wanted, @P13 the bulk change of another producer that asks (NULL: a request at the intake).
-- Safe to run twice at once: it only reads. What changes until the submit is caught there by unique indexes.
SET NOCOUNT ON;

-- 1: provider, pool and carrier plan within tenant and provider; a plan or pool of several providers lists them with commas
SELECT
    CAST(SYSUTCDATETIME() AS date) AS Today,
    CAST(CASE WHEN EXISTS (
        SELECT 1 FROM dbo.ServiceProvider AS p
        WHERE p.id = @P4 AND p.TenantId = @P1 AND p.IsActive = 1 AND p.IsDeleted = 0) THEN 1 ELSE 0 END AS bit) AS ServiceProvider,
    CAST(CASE WHEN EXISTS (
        SELECT 1 FROM dbo.CustomerRatePool AS r
        WHERE r.id = @P8 AND r.TenantId = @P1 AND r.IsActive = 1 AND r.IsDeleted = 0
          AND (r.ServiceProviderId = @P4
               OR CONCAT(N',', REPLACE(r.ServiceProviderIds, N' ', N''), N',') LIKE CONCAT(N'%,', @P4, N',%'))) THEN 1 ELSE 0 END AS bit) AS CustomerPool,
    CAST(CASE WHEN EXISTS (
        SELECT 1 FROM dbo.JasperCarrierRatePlan AS r
        WHERE r.RatePlanCode = @P9 AND r.ServiceProviderId = @P4 AND r.IsRetired = 0 AND r.IsActive = 1 AND r.IsDeleted = 0) THEN 1 ELSE 0 END AS bit) AS CarrierPlan;

-- 2: every Rev customer of the tenant with exactly this number. The credentials must belong to the tenant as well.
DECLARE @customers TABLE (
    Id uniqueidentifier NOT NULL PRIMARY KEY,
    CustomerName nvarchar(250) NOT NULL,
    Active bit NOT NULL,
    IntegrationAuthenticationId int NULL,
    SiteId int NULL,
    Allowed bit NOT NULL
);
INSERT INTO @customers (Id, CustomerName, Active, IntegrationAuthenticationId, SiteId, Allowed)
SELECT
    c.id,
    c.CustomerName,
    CASE WHEN c.IsActive = 1 AND c.IsDeleted = 0 AND COALESCE(c.Status, N'') <> N'CLOSED' THEN 1 ELSE 0 END,
    (SELECT a.id FROM dbo.Integration_Authentication AS a
     WHERE a.id = c.IntegrationAuthenticationId AND a.TenantId = @P1 AND a.IsActive = 1 AND a.IsDeleted = 0),
    (SELECT MIN(s.id) FROM dbo.Sites AS s
     WHERE s.RevCustomerId = c.id AND s.TenantId = @P1 AND s.IsActive = 1 AND s.IsDeleted = 0),
    CASE WHEN @P3 = 1 OR EXISTS (
        SELECT 1 FROM dbo.User_Role_Site AS u
        INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
        WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0
          AND s.RevCustomerId = c.id AND s.TenantId = @P1) THEN 1 ELSE 0 END
FROM dbo.RevCustomer AS c
WHERE c.TenantId = @P1 AND c.RevCustomerId = @P5;
SELECT c.Id, c.CustomerName, c.Active, c.IntegrationAuthenticationId, c.SiteId, s.Name AS SiteName, c.Allowed
FROM @customers AS c
LEFT JOIN dbo.Sites AS s ON s.id = c.SiteId
ORDER BY c.IntegrationAuthenticationId;

-- The billing account of the customer meant; when several are left, the request is refused and this decides nothing.
DECLARE @account int;
SET @account = COALESCE(
    (SELECT MIN(c.IntegrationAuthenticationId) FROM @customers AS c
     WHERE c.Active = 1 AND c.Allowed = 1 AND c.IntegrationAuthenticationId = @P11),
    (SELECT MIN(c.IntegrationAuthenticationId) FROM @customers AS c WHERE c.Active = 1 AND c.Allowed = 1));

-- 3: the customer rate plan
SELECT r.id, r.RatePlanName, r.PlanMB
FROM dbo.JasperCustomerRatePlan AS r
WHERE r.id = @P7 AND r.TenantId = @P1 AND r.IsActive = 1 AND r.IsDeleted = 0
  AND (r.ServiceProviderId = @P4
       OR CONCAT(N',', REPLACE(r.ServiceProviderIds, N' ', N''), N',') LIKE CONCAT(N'%,', @P4, N',%'));

-- 4: the devices. Of several rows with one ICCID the live one counts.
DECLARE @devices TABLE (
    DeviceId int NOT NULL PRIMARY KEY,
    Iccid nvarchar(50) NOT NULL UNIQUE,
    Number nvarchar(150) NOT NULL
);
INSERT INTO @devices (DeviceId, Iccid, Number)
SELECT picked.DeviceId, picked.Iccid, picked.Number
FROM (
    SELECT
        d.id AS DeviceId,
        asked.Iccid AS Iccid,
        COALESCE(NULLIF(d.MSISDN, N''), d.ICCID) AS Number,
        ROW_NUMBER() OVER (PARTITION BY d.ICCID ORDER BY d.IsDeleted, d.id DESC) AS Place
    FROM OPENJSON(@P6) WITH (Iccid nvarchar(50) '$') AS asked
    INNER JOIN dbo.Device AS d ON d.ICCID = asked.Iccid AND d.ServiceProviderId = @P4
    INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId AND p.TenantId = @P1
) AS picked
WHERE picked.Place = 1;

-- Devices that wait for the end of another change: an open work row; or a row that another producer wrote within the last
-- week and nobody has processed. Of the latter only older bulk changes hold up one of another producer, so that two of them
-- never hold up each other. Read before the lines: a change that ends in between shows as unfinished here, or its line there.
DECLARE @unfinished TABLE (DeviceId int NOT NULL PRIMARY KEY, BulkChangeId bigint NOT NULL);
INSERT INTO @unfinished (DeviceId, BulkChangeId)
SELECT u.DeviceId, MIN(u.BulkChangeId)
FROM (
    SELECT f.DeviceId AS DeviceId, w.BulkChangeId AS BulkChangeId
    FROM @devices AS f
    INNER JOIN dbo.DeviceChangeWork AS w ON w.DeviceId = f.DeviceId
    WHERE w.TenantId = @P1 AND w.ClosedAt IS NULL AND w.DeviceId IS NOT NULL
    UNION ALL
    SELECT f.DeviceId, b.id
    FROM @devices AS f
    INNER JOIN dbo.M2M_DeviceChange AS m ON m.ICCID = f.Iccid
    INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId
    WHERE m.IsProcessed = 0 AND m.IsDeleted = 0
      AND b.ChangeRequestTypeId = 4 AND b.TenantId = @P1 AND b.ServiceProviderId = @P4 AND b.IsDeleted = 0
      AND b.CreatedDate > DATEADD(day, -7, SYSUTCDATETIME())
      AND (@P13 IS NULL OR b.id < @P13)
) AS u
GROUP BY u.DeviceId;

-- Devices with a live line of the same customer: in RevService by link or by number, or held by a work row. A line that
-- RevService knows to be disconnected is not live, whoever opened it. A line that RevService shows may be one that the old
-- system has opened for the very change that asks: then only lines of our own changes count here, and the look-up decides.
DECLARE @lines TABLE (DeviceId int NOT NULL PRIMARY KEY);
INSERT INTO @lines (DeviceId)
SELECT f.DeviceId
FROM @devices AS f
INNER JOIN dbo.Device_Tenant AS dt ON dt.DeviceId = f.DeviceId AND dt.TenantId = @P1
INNER JOIN dbo.RevService AS r ON r.id = dt.RevServiceId
INNER JOIN @customers AS c ON c.Id = r.RevCustomerId
WHERE @P13 IS NULL
  AND r.IntegrationAuthenticationId = @account AND c.IntegrationAuthenticationId = @account
  AND r.IsActive = 1 AND r.IsDeleted = 0 AND (r.DisconnectedDate IS NULL OR r.DisconnectedDate = N'')
UNION
SELECT f.DeviceId
FROM @devices AS f
INNER JOIN dbo.RevService AS r ON r.Number = f.Number
INNER JOIN @customers AS c ON c.Id = r.RevCustomerId
WHERE @P13 IS NULL
  AND r.IntegrationAuthenticationId = @account AND c.IntegrationAuthenticationId = @account
  AND r.IsActive = 1 AND r.IsDeleted = 0 AND (r.DisconnectedDate IS NULL OR r.DisconnectedDate = N'')
UNION
SELECT f.DeviceId
FROM @devices AS f
INNER JOIN dbo.RevService AS r ON r.Number = f.Iccid
INNER JOIN @customers AS c ON c.Id = r.RevCustomerId
WHERE @P13 IS NULL
  AND r.IntegrationAuthenticationId = @account AND c.IntegrationAuthenticationId = @account
  AND r.IsActive = 1 AND r.IsDeleted = 0 AND (r.DisconnectedDate IS NULL OR r.DisconnectedDate = N'')
UNION
SELECT f.DeviceId
FROM @devices AS f
INNER JOIN dbo.DeviceChangeWork AS w ON w.DeviceId = f.DeviceId
WHERE w.RevServiceLineId IS NOT NULL
  AND w.IntentCustomer = @P5 AND w.IntentIntegrationAuthenticationId = @account
  AND NOT EXISTS (
      SELECT 1 FROM dbo.RevService AS r
      WHERE r.IntegrationAuthenticationId = @account AND r.RevServiceId = w.RevServiceLineId
        AND (r.IsActive = 0 OR r.IsDeleted = 1 OR r.DisconnectedDate <> N''));

SELECT
    f.Iccid,
    d.id AS DeviceId,
    CAST(CASE WHEN d.IsActive = 0 AND d.IsDeleted = 1 THEN 1 ELSE 0 END AS bit) AS Archived,
    NULLIF(d.MSISDN, N'') AS Msisdn,
    COALESCE(s.DisplayName, d.Status) AS DeviceStatus,
    CAST(COALESCE(policy.AllowsAssignment, s.IsActiveStatus, 0) AS bit) AS StatusAllows,
    dt.id AS DeviceTenantId,
    NULLIF(dt.AccountNumber, N'') AS AccountNumber,
    dt.AccountNumberIntegrationAuthenticationId,
    dt.SiteId,
    dt.CustomerRatePlanId,
    dt.CustomerRatePoolId,
    dt.CustomerDataAllocationMB,
    -- Check c, over all tenants: another account of this tenant, or any account of another.
    CAST(CASE WHEN EXISTS (
        SELECT 1 FROM dbo.Device_Tenant AS other
        WHERE other.DeviceId = f.DeviceId AND other.IsActive = 1 AND other.IsDeleted = 0
          AND COALESCE(other.AccountNumber, N'') <> N''
          AND (other.TenantId <> @P1
               OR other.AccountNumber <> @P5
               OR other.AccountNumberIntegrationAuthenticationId <> @account)) THEN 1 ELSE 0 END AS bit) AS OtherCustomer,
    unfinished.BulkChangeId AS Unfinished,
    CAST(CASE WHEN line.DeviceId IS NULL THEN 0 ELSE 1 END AS bit) AS ActiveServiceLine,
    CASE WHEN @P12 = 1 THEN COALESCE(
        (SELECT CAST(MIN(h.DateOfChange) AS date) FROM dbo.DeviceStatusHistory AS h
         INNER JOIN dbo.DeviceStatus AS active ON active.Status = h.CurrentStatus
         INNER JOIN dbo.ServiceProvider AS p ON p.IntegrationId = active.IntegrationId
         WHERE h.ICCID = f.Iccid AND active.IsActiveStatus = 1 AND p.id = @P4),
        CAST(d.ProviderDateActivated AS date)) END AS ActivationDate
FROM @devices AS f
INNER JOIN dbo.Device AS d ON d.id = f.DeviceId
LEFT JOIN dbo.DeviceStatus AS s ON s.id = d.DeviceStatusId
LEFT JOIN dbo.DeviceStatusPolicy AS policy ON policy.DeviceStatusId = d.DeviceStatusId
LEFT JOIN dbo.Device_Tenant AS dt ON dt.DeviceId = f.DeviceId AND dt.TenantId = @P1 AND dt.IsActive = 1 AND dt.IsDeleted = 0
LEFT JOIN @unfinished AS unfinished ON unfinished.DeviceId = f.DeviceId
LEFT JOIN @lines AS line ON line.DeviceId = f.DeviceId
ORDER BY f.DeviceId;

-- 5: the stored answer of the key. Read last: a twin that commits while this runs shows here, whatever the devices looked like
-- before or after it.
SELECT k.Fingerprint, k.BulkChangeId, k.Answer
FROM dbo.BulkChangeRequestKey AS k
WHERE k.KeyHash = @P10;

-- 6: what the billing account may be asked now, for the estimate
-- Accounts with one client code of Rev share one budget, that of the lowest of them (docs/decisions/0070).
DECLARE @Members TABLE (Id int NOT NULL PRIMARY KEY);
INSERT INTO @Members (Id)
SELECT o.id
FROM dbo.Integration_Authentication AS a
INNER JOIN dbo.Integration_Authentication AS o ON o.IntegrationId = a.IntegrationId
WHERE a.id = @account
  AND (o.id = a.id
       OR (LTRIM(RTRIM(a.OAuth2_ClientId)) <> N'' AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))));
SELECT
    SYSUTCDATETIME() AS Now,
    r.CallsPerMinute,
    r.CallsPerDay,
    COALESCE(CASE WHEN r.Today = CAST(SYSUTCDATETIME() AS date) THEN r.CallsToday END, 0) AS CallsToday,
    r.ReducedTo,
    r.ReducedAt,
    r.PausedUntil,
    CAST(CASE WHEN own.StoppedSince IS NULL THEN 0 ELSE 1 END AS bit) AS Stopped
FROM (SELECT 1 AS Always) AS one
LEFT JOIN dbo.RevCallBudget AS r ON r.IntegrationAuthenticationId = (SELECT MIN(o.Id) FROM @Members AS o)
LEFT JOIN dbo.RevCallBudget AS own ON own.IntegrationAuthenticationId = @account;

-- 7: the calls that wait for the account, of every bulk change that shares its budget
SELECT
    b.BulkChangeId,
    b.TenantId,
    CAST(SUM(CASE q.Step WHEN 'settle' THEN 3 ELSE 1 END) + MAX(CASE b.Preflight WHEN 'open' THEN 2 ELSE 0 END) AS bigint) AS Calls,
    CAST(MAX(CASE q.Step WHEN 'settle' THEN 1 ELSE 0 END) AS bit) AS Settling
FROM dbo.BulkChangeWork AS b
INNER JOIN @Members AS o ON o.Id = b.IntegrationAuthenticationId
INNER JOIN dbo.DeviceChangeWork AS q ON q.BulkChangeId = b.BulkChangeId
WHERE b.FinishedAt IS NULL
  AND q.ClosedAt IS NULL AND q.ReviewSince IS NULL AND q.Step IN ('open-line', 'settle')
GROUP BY b.BulkChangeId, b.TenantId
ORDER BY b.BulkChangeId;
