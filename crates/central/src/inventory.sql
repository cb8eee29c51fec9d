-- Answers: how many devices a caller may see of those that are asked for; a page of them; which identifiers none of them has; what
-- devices can be filtered by.
-- @P1 tenant, @P2 user, @P3 may use all customers; what is asked for, NULL: anything: @P4 service provider, @P5 name of the status,
-- @P6 account number, @P7 assigned or not, @P8 code of the carrier rate plan, @P9 customer rate plan, @P10 archived ones,
-- @P11 pattern for LIKE, @P12 ICCIDs or MSISDNs as JSON [{place, identifier}]; @P13 sort, @P14 descending, @P15 rows to pass over,
-- @P16 rows at most, @P17 no rows at all when there are more than this (NULL: never), @P18 with what can be filtered by.
-- A device is seen by who may use its customer, and by everybody of the tenant while it has none.
-- The list is read from its start or, for a descending order, from its end: reversed, each order is the same with the other sign.
-- Safe to run twice at once: it only reads. Devices that come or go between count and page can shift the page by as many rows.
SET NOCOUNT ON;
-- The customers of User_Role_Site; none is looked for when all may be used.
DECLARE @mine TABLE (AccountNumber nvarchar(50) NOT NULL, Account int NOT NULL, PRIMARY KEY (AccountNumber, Account));
INSERT INTO @mine (AccountNumber, Account)
SELECT DISTINCT c.RevCustomerId, COALESCE(c.IntegrationAuthenticationId, 0)
FROM dbo.User_Role_Site AS u
INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
INNER JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
WHERE @P3 = 0 AND u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0
  AND s.TenantId = @P1 AND c.TenantId = @P1;
-- Customers whose name or number has the text; their devices are found by it.
DECLARE @named TABLE (AccountNumber nvarchar(50) NOT NULL, Account int NOT NULL, PRIMARY KEY (AccountNumber, Account));
INSERT INTO @named (AccountNumber, Account)
SELECT DISTINCT c.RevCustomerId, COALESCE(c.IntegrationAuthenticationId, 0)
FROM dbo.RevCustomer AS c
WHERE @P11 IS NOT NULL AND c.TenantId = @P1 AND (c.CustomerName LIKE @P11 OR c.RevCustomerId LIKE @P11);
-- Whether Device_Tenant has a say in which devices are listed.
DECLARE @owned bit;
SET @owned = CASE WHEN @P3 = 1 AND @P6 IS NULL AND @P7 IS NULL AND @P9 IS NULL THEN 0 ELSE 1 END;
DECLARE @byCustomer bit;
SET @byCustomer = CASE WHEN EXISTS (SELECT 1 FROM @named AS n) THEN 1 ELSE 0 END;
DECLARE @statuses TABLE (Id int NOT NULL PRIMARY KEY);
INSERT INTO @statuses (Id) SELECT s.id FROM dbo.DeviceStatus AS s WHERE s.DisplayName = @P5;
DECLARE @carrierPlans TABLE (Id int NOT NULL PRIMARY KEY);
INSERT INTO @carrierPlans (Id) SELECT r.id FROM dbo.JasperCarrierRatePlan AS r WHERE r.RatePlanCode = @P8;

-- The devices that identifiers and text leave: each device is looked at for them once, neither for the count nor for the page again.
-- An identifier is looked for among ICCIDs, which have an index, and among MSISDNs when it is none.
DECLARE @narrow bit;
SET @narrow = CASE WHEN @P11 IS NULL AND @P12 IS NULL THEN 0 ELSE 1 END;
DECLARE @asked TABLE (Place int NOT NULL PRIMARY KEY, Identifier nvarchar(150) NOT NULL);
DECLARE @picked TABLE (Place int NOT NULL, DeviceId int NOT NULL, PRIMARY KEY (DeviceId, Place));
DECLARE @left TABLE (Identifier nvarchar(150) NOT NULL PRIMARY KEY);
DECLARE @numbered TABLE (DeviceId int NOT NULL PRIMARY KEY);
DECLARE @candidates TABLE (DeviceId int NOT NULL PRIMARY KEY);
IF @P12 IS NOT NULL
BEGIN
    INSERT INTO @asked (Place, Identifier)
    SELECT j.Place, j.Identifier
    FROM OPENJSON(@P12) WITH (Place int '$.place', Identifier nvarchar(150) '$.identifier') AS j;
    INSERT INTO @picked (Place, DeviceId)
    SELECT a.Place, d.id
    FROM @asked AS a
    INNER JOIN dbo.Device AS d ON d.ICCID = a.Identifier
    INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId AND p.TenantId = @P1;
    INSERT INTO @left (Identifier)
    SELECT DISTINCT a.Identifier FROM @asked AS a WHERE a.Place NOT IN (SELECT k.Place FROM @picked AS k);
    IF EXISTS (SELECT 1 FROM @left AS l)
    BEGIN
        INSERT INTO @numbered (DeviceId)
        SELECT d.id
        FROM dbo.ServiceProvider AS p
        INNER JOIN dbo.Device AS d ON d.ServiceProviderId = p.id
        WHERE p.TenantId = @P1 AND d.MSISDN IN (SELECT l.Identifier FROM @left AS l);
        INSERT INTO @picked (Place, DeviceId)
        SELECT a.Place, d.id
        FROM @numbered AS n
        INNER JOIN dbo.Device AS d ON d.id = n.DeviceId
        INNER JOIN @asked AS a ON a.Identifier = d.MSISDN
        WHERE a.Identifier IN (SELECT l.Identifier FROM @left AS l);
    END;
    INSERT INTO @candidates (DeviceId)
    SELECT DISTINCT d.id
    FROM @picked AS k
    INNER JOIN dbo.Device AS d ON d.id = k.DeviceId
    WHERE (@P4 IS NULL OR d.ServiceProviderId = @P4)
      AND (@P11 IS NULL OR d.ICCID LIKE @P11 OR d.MSISDN LIKE @P11 OR d.IMEI LIKE @P11 OR d.EID LIKE @P11
           OR (@byCustomer = 1 AND EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               INNER JOIN @named AS n ON n.AccountNumber = t.AccountNumber
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0
                 AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR n.Account = t.AccountNumberIntegrationAuthenticationId))));
END;
IF @P12 IS NULL AND @P11 IS NOT NULL
BEGIN
    INSERT INTO @candidates (DeviceId)
    SELECT d.id
    FROM dbo.ServiceProvider AS p
    INNER JOIN dbo.Device AS d ON d.ServiceProviderId = p.id
    WHERE p.TenantId = @P1 AND (@P4 IS NULL OR p.id = @P4)
      AND (@P11 IS NULL OR d.ICCID LIKE @P11 OR d.MSISDN LIKE @P11 OR d.IMEI LIKE @P11 OR d.EID LIKE @P11
           OR (@byCustomer = 1 AND EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               INNER JOIN @named AS n ON n.AccountNumber = t.AccountNumber
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0
                 AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR n.Account = t.AccountNumberIntegrationAuthenticationId))));
END;

-- All devices of these providers are looked at when there are no candidates.
DECLARE @providers TABLE (Id int NOT NULL PRIMARY KEY);
INSERT INTO @providers (Id)
SELECT p.id FROM dbo.ServiceProvider AS p WHERE @narrow = 0 AND p.TenantId = @P1 AND (@P4 IS NULL OR p.id = @P4);
-- Nothing but the provider restricts the list: the index of live devices is enough to count it, and to order it by ICCID.
DECLARE @plain bit;
SET @plain = CASE WHEN @narrow = 0 AND @owned = 0 AND @P5 IS NULL AND @P8 IS NULL AND @P10 = 0 THEN 1 ELSE 0 END;

-- 1: how many
DECLARE @total bigint;
IF @plain = 1
BEGIN
    SELECT @total = COUNT_BIG(*)
    FROM @providers AS o
    INNER JOIN dbo.Device AS d ON d.ServiceProviderId = o.Id
    WHERE d.IsDeleted = 0
    OPTION (RECOMPILE);
END
ELSE
BEGIN
    SELECT @total = COUNT_BIG(*)
    FROM (
        SELECT k.DeviceId AS Id FROM @candidates AS k
        UNION ALL
        SELECT d.id
        FROM @providers AS o
        INNER JOIN dbo.Device AS d ON d.ServiceProviderId = o.Id
    ) AS c
    INNER JOIN dbo.Device AS d ON d.id = c.Id
    INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
    WHERE ((@P10 = 0 AND d.IsDeleted = 0) OR (@P10 = 1 AND d.IsDeleted = 1 AND d.IsActive = 0))
      AND (@P5 IS NULL OR d.DeviceStatusId IN (SELECT s.Id FROM @statuses AS s) OR (d.DeviceStatusId IS NULL AND d.Status = @P5))
      AND (@P8 IS NULL OR d.RatePlan = @P8
           OR (COALESCE(d.RatePlan, N'') = N'' AND d.CarrierRatePlanId IN (SELECT r.Id FROM @carrierPlans AS r)))
      AND (@owned = 0
           OR (@P6 IS NULL AND @P9 IS NULL AND COALESCE(@P7, 0) = 0 AND NOT EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber <> N''))
           OR (COALESCE(@P7, 1) = 1 AND EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber <> N''
                 AND (@P6 IS NULL OR t.AccountNumber = @P6) AND (@P9 IS NULL OR t.CustomerRatePlanId = @P9)
                 AND (@P3 = 1 OR EXISTS (
                     SELECT 1 FROM @mine AS m
                     WHERE m.AccountNumber = t.AccountNumber
                       AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR m.Account = t.AccountNumberIntegrationAuthenticationId))))))
    OPTION (RECOMPILE);
END;
SELECT @total AS Total;

-- 2: the page. Live devices of one service provider lie in the order of their ICCIDs in an index; everything else is sorted.
DECLARE @only int;
SET @only = (SELECT CASE WHEN COUNT(*) = 1 AND @P10 = 0 AND @P13 = N'iccid' THEN MIN(o.Id) END FROM @providers AS o);
DECLARE @skip bigint;
DECLARE @take bigint;
SET @take = CASE WHEN @P15 >= @total OR @total > @P17 THEN 0 WHEN @total - @P15 < @P16 THEN @total - @P15 ELSE @P16 END;
SET @skip = CASE WHEN @P14 = 1 THEN @total - @P15 - @take ELSE @P15 END;
DECLARE @page TABLE (Place int IDENTITY(1,1) NOT NULL PRIMARY KEY, DeviceId int NOT NULL);
IF @take > 0 AND @only IS NOT NULL
BEGIN
    INSERT INTO @page (DeviceId)
    SELECT d.id
    FROM dbo.Device AS d
    WHERE d.ServiceProviderId = @only AND d.IsDeleted = 0
      AND (@P5 IS NULL OR d.DeviceStatusId IN (SELECT s.Id FROM @statuses AS s) OR (d.DeviceStatusId IS NULL AND d.Status = @P5))
      AND (@P8 IS NULL OR d.RatePlan = @P8
           OR (COALESCE(d.RatePlan, N'') = N'' AND d.CarrierRatePlanId IN (SELECT r.Id FROM @carrierPlans AS r)))
      AND (@owned = 0
           OR (@P6 IS NULL AND @P9 IS NULL AND COALESCE(@P7, 0) = 0 AND NOT EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber <> N''))
           OR (COALESCE(@P7, 1) = 1 AND EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber <> N''
                 AND (@P6 IS NULL OR t.AccountNumber = @P6) AND (@P9 IS NULL OR t.CustomerRatePlanId = @P9)
                 AND (@P3 = 1 OR EXISTS (
                     SELECT 1 FROM @mine AS m
                     WHERE m.AccountNumber = t.AccountNumber
                       AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR m.Account = t.AccountNumberIntegrationAuthenticationId))))))
    ORDER BY d.ICCID, d.id OFFSET @skip ROWS FETCH NEXT @take ROWS ONLY
    OPTION (RECOMPILE);
END;
IF @take > 0 AND @only IS NULL AND @plain = 1 AND @P13 = N'iccid'
BEGIN
    INSERT INTO @page (DeviceId)
    SELECT d.id
    FROM @providers AS o
    INNER JOIN dbo.Device AS d ON d.ServiceProviderId = o.Id
    WHERE d.IsDeleted = 0
    ORDER BY d.ICCID, d.id OFFSET @skip ROWS FETCH NEXT @take ROWS ONLY
    OPTION (RECOMPILE);
END;
IF @take > 0 AND @only IS NULL AND (@plain = 0 OR @P13 <> N'iccid')
BEGIN
    INSERT INTO @page (DeviceId)
    SELECT d.id
    FROM (
        SELECT k.DeviceId AS Id FROM @candidates AS k
        UNION ALL
        SELECT d.id
        FROM @providers AS o
        INNER JOIN dbo.Device AS d ON d.ServiceProviderId = o.Id
    ) AS c
    INNER JOIN dbo.Device AS d ON d.id = c.Id
    INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
    WHERE ((@P10 = 0 AND d.IsDeleted = 0) OR (@P10 = 1 AND d.IsDeleted = 1 AND d.IsActive = 0))
      AND (@P5 IS NULL OR d.DeviceStatusId IN (SELECT s.Id FROM @statuses AS s) OR (d.DeviceStatusId IS NULL AND d.Status = @P5))
      AND (@P8 IS NULL OR d.RatePlan = @P8
           OR (COALESCE(d.RatePlan, N'') = N'' AND d.CarrierRatePlanId IN (SELECT r.Id FROM @carrierPlans AS r)))
      AND (@owned = 0
           OR (@P6 IS NULL AND @P9 IS NULL AND COALESCE(@P7, 0) = 0 AND NOT EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber <> N''))
           OR (COALESCE(@P7, 1) = 1 AND EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber <> N''
                 AND (@P6 IS NULL OR t.AccountNumber = @P6) AND (@P9 IS NULL OR t.CustomerRatePlanId = @P9)
                 AND (@P3 = 1 OR EXISTS (
                     SELECT 1 FROM @mine AS m
                     WHERE m.AccountNumber = t.AccountNumber
                       AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR m.Account = t.AccountNumberIntegrationAuthenticationId))))))
    ORDER BY
        CASE WHEN @P13 = N'usage' THEN d.CtdDataUsage END,
        CASE @P13 WHEN N'activated' THEN d.ProviderDateActivated WHEN N'added' THEN d.ProviderDateAdded END,
        CASE @P13
            WHEN N'iccid' THEN d.ICCID
            WHEN N'msisdn' THEN d.MSISDN
            WHEN N'status' THEN COALESCE((SELECT s.DisplayName FROM dbo.DeviceStatus AS s WHERE s.id = d.DeviceStatusId), d.Status)
            WHEN N'provider' THEN COALESCE(p.DisplayName, p.Name)
            WHEN N'carrierPlan' THEN COALESCE(NULLIF(d.RatePlan, N''),
                (SELECT r.RatePlanCode FROM dbo.JasperCarrierRatePlan AS r WHERE r.id = d.CarrierRatePlanId))
            WHEN N'customerPlan' THEN (
                SELECT r.RatePlanName
                FROM dbo.Device_Tenant AS t
                INNER JOIN dbo.JasperCustomerRatePlan AS r ON r.id = t.CustomerRatePlanId AND r.TenantId = @P1
                WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0)
            WHEN N'customer' THEN (
                SELECT TOP (1) c.CustomerName
                FROM dbo.Device_Tenant AS t
                INNER JOIN dbo.RevCustomer AS c ON c.TenantId = @P1 AND c.RevCustomerId = t.AccountNumber
                    AND (t.AccountNumberIntegrationAuthenticationId IS NULL
                         OR c.IntegrationAuthenticationId = t.AccountNumberIntegrationAuthenticationId)
                WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0
                ORDER BY c.IsDeleted, c.id)
        END,
        d.id OFFSET @skip ROWS FETCH NEXT @take ROWS ONLY
    OPTION (RECOMPILE);
END;
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
           AND b.CreatedDate > DATEADD(day, -7, SYSUTCDATETIME()))) AS UnfinishedChange
FROM @page AS k
INNER JOIN dbo.Device AS d ON d.id = k.DeviceId
INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
LEFT JOIN dbo.DeviceStatus AS s ON s.id = d.DeviceStatusId
LEFT JOIN dbo.DeviceStatusPolicy AS policy ON policy.DeviceStatusId = d.DeviceStatusId
LEFT JOIN dbo.JasperCarrierRatePlan AS carrier ON carrier.id = d.CarrierRatePlanId
LEFT JOIN dbo.Device_Tenant AS t ON t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0
LEFT JOIN dbo.Sites AS site ON site.id = t.SiteId AND site.TenantId = @P1
LEFT JOIN dbo.JasperCustomerRatePlan AS planned ON planned.id = t.CustomerRatePlanId AND planned.TenantId = @P1
LEFT JOIN dbo.CustomerRatePool AS pool ON pool.id = t.CustomerRatePoolId AND pool.TenantId = @P1
ORDER BY CASE WHEN @P14 = 1 THEN -k.Place ELSE k.Place END
OPTION (RECOMPILE);

-- 3: the identifiers that no device of the list has
SELECT a.Identifier
FROM @asked AS a
WHERE a.Place NOT IN (
    SELECT k.Place
    FROM @picked AS k
    WHERE k.DeviceId IN (
        SELECT d.id
    FROM (
        SELECT k.DeviceId AS Id FROM @candidates AS k
        UNION ALL
        SELECT d.id
        FROM @providers AS o
        INNER JOIN dbo.Device AS d ON d.ServiceProviderId = o.Id
    ) AS c
    INNER JOIN dbo.Device AS d ON d.id = c.Id
    INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
    WHERE ((@P10 = 0 AND d.IsDeleted = 0) OR (@P10 = 1 AND d.IsDeleted = 1 AND d.IsActive = 0))
      AND (@P5 IS NULL OR d.DeviceStatusId IN (SELECT s.Id FROM @statuses AS s) OR (d.DeviceStatusId IS NULL AND d.Status = @P5))
      AND (@P8 IS NULL OR d.RatePlan = @P8
           OR (COALESCE(d.RatePlan, N'') = N'' AND d.CarrierRatePlanId IN (SELECT r.Id FROM @carrierPlans AS r)))
      AND (@owned = 0
           OR (@P6 IS NULL AND @P9 IS NULL AND COALESCE(@P7, 0) = 0 AND NOT EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber <> N''))
           OR (COALESCE(@P7, 1) = 1 AND EXISTS (
               SELECT 1 FROM dbo.Device_Tenant AS t
               WHERE t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber <> N''
                 AND (@P6 IS NULL OR t.AccountNumber = @P6) AND (@P9 IS NULL OR t.CustomerRatePlanId = @P9)
                 AND (@P3 = 1 OR EXISTS (
                     SELECT 1 FROM @mine AS m
                     WHERE m.AccountNumber = t.AccountNumber
                       AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR m.Account = t.AccountNumberIntegrationAuthenticationId))))))))
ORDER BY a.Place
OPTION (RECOMPILE);

-- 4 to 7: what can be filtered by
SELECT p.id AS Id, COALESCE(p.DisplayName, p.Name) AS Name
FROM dbo.ServiceProvider AS p
WHERE @P18 = 1 AND p.TenantId = @P1 AND p.IsActive = 1 AND p.IsDeleted = 0
ORDER BY COALESCE(p.DisplayName, p.Name), p.id;
SELECT DISTINCT s.DisplayName AS Name
FROM dbo.DeviceStatus AS s
INNER JOIN dbo.ServiceProvider AS p ON p.IntegrationId = s.IntegrationId
WHERE @P18 = 1 AND p.TenantId = @P1 AND s.IsActive = 1 AND s.IsDeleted = 0
ORDER BY s.DisplayName;
SELECT DISTINCT r.RatePlanCode AS Name
FROM dbo.JasperCarrierRatePlan AS r
INNER JOIN dbo.ServiceProvider AS p ON p.id = r.ServiceProviderId
WHERE @P18 = 1 AND p.TenantId = @P1 AND r.IsRetired = 0 AND r.IsActive = 1 AND r.IsDeleted = 0
ORDER BY r.RatePlanCode;
SELECT r.id AS Id, r.RatePlanName AS Name
FROM dbo.JasperCustomerRatePlan AS r
WHERE @P18 = 1 AND r.TenantId = @P1 AND r.IsActive = 1 AND r.IsDeleted = 0
ORDER BY r.RatePlanName, r.id;
