-- Answers: what has changed at a device, newest first, one page of it?
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 device, @P5 rows to pass over, @P6 rows at most.
-- A device is seen by who may use its customer, and by everybody of the tenant while it has none. One that is not seen answers like
-- one that does not exist: with a NULL for the number of rows. A device that had other customers before shows of that time what names
-- no customer, or one that the caller may use, and of the change from one to the other (customer, line at Rev) only what came.
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

-- 1: how many rows there are
SELECT CASE WHEN @device IS NOT NULL THEN (
    SELECT COUNT_BIG(*)
    FROM dbo.DeviceActionHistory AS h
    WHERE h.M2MDeviceId = @device AND h.TenantId = @P1 AND h.IsDeleted = 0
      AND (@P3 = 1
           OR COALESCE(h.CustomerAccountNumber, N'') = N''
           OR EXISTS (SELECT 1 FROM @mine AS m WHERE m.AccountNumber = h.CustomerAccountNumber))) END AS Total;

-- 2: the page
SELECT TOP (@P6)
    placed.id, placed.ChangedField, placed.PreviousValue, placed.CurrentValue, placed.ChangeEventType, placed.DateOfChange,
    placed.ChangedBy, placed.BulkChangeId, placed.CustomerAccountNumber, placed.CustomerAccountName
FROM (
    SELECT
        h.id,
        h.ChangedField,
        -- Whose the device was before is written as name and number, or as the number alone.
        -- The line of a customer at Rev is written as its id.
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
        h.CustomerAccountName,
        ROW_NUMBER() OVER (ORDER BY h.DateOfChange DESC, h.id DESC) AS Place
    FROM dbo.DeviceActionHistory AS h
    WHERE h.M2MDeviceId = @device AND h.TenantId = @P1 AND h.IsDeleted = 0
      AND (@P3 = 1
           OR COALESCE(h.CustomerAccountNumber, N'') = N''
           OR EXISTS (SELECT 1 FROM @mine AS m WHERE m.AccountNumber = h.CustomerAccountNumber))
) AS placed
WHERE placed.Place > @P5
ORDER BY placed.Place;
