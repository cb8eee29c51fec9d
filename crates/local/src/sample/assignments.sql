-- Who the devices of the sample data are assigned to, and the service lines they have. @P1 assignments as JSON.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @assigned TABLE (
    Iccid nvarchar(50) NOT NULL PRIMARY KEY,
    Tenant int NOT NULL,
    Account nvarchar(50) NOT NULL,
    Line int NULL,
    Disconnected nvarchar(50) NULL
);
INSERT INTO @assigned (Iccid, Tenant, Account, Line, Disconnected)
SELECT j.Iccid, j.Tenant, j.Account, j.Line, j.Disconnected
FROM OPENJSON(@P1) WITH (
    Iccid nvarchar(50) '$.iccid',
    Tenant int '$.tenant',
    Account nvarchar(50) '$.account',
    Line int '$.line',
    Disconnected nvarchar(50) '$.disconnected'
) AS j;

INSERT INTO dbo.RevService (RevCustomerId, Number, RevServiceId, ActivatedDate, DisconnectedDate, IntegrationAuthenticationId, RevServiceTypeId, RevProviderId, CreatedBy)
SELECT c.id, COALESCE(d.MSISDN, d.ICCID), a.Line, N'2026-01-15', a.Disconnected, c.IntegrationAuthenticationId, 1, 1, N'sample'
FROM @assigned AS a
INNER JOIN dbo.Device AS d ON d.ICCID = a.Iccid
INNER JOIN dbo.RevCustomer AS c ON c.TenantId = a.Tenant AND c.RevCustomerId = a.Account
WHERE a.Line IS NOT NULL
ORDER BY a.Line;
INSERT INTO dbo.RevServiceProduct (ServiceProductId, CustomerId, ProductId, ServiceId, Description, Rate, Status, Quantity, IntegrationAuthenticationId, CreatedBy)
SELECT 500000 + a.Line, a.Account, 11, a.Line, N'Data plan (sample)', 2.5, CASE WHEN a.Disconnected IS NULL THEN N'ACTIVE' ELSE N'DISCONNECTED' END, 1, c.IntegrationAuthenticationId, N'sample'
FROM @assigned AS a
INNER JOIN dbo.RevCustomer AS c ON c.TenantId = a.Tenant AND c.RevCustomerId = a.Account
WHERE a.Line IS NOT NULL
ORDER BY a.Line;
INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, RevServiceId, AccountNumber, SiteId, AccountNumberIntegrationAuthenticationId, CreatedBy)
SELECT
    d.id, a.Tenant, r.id, a.Account,
    (SELECT MIN(s.id) FROM dbo.Sites AS s WHERE s.RevCustomerId = c.id AND s.TenantId = a.Tenant),
    c.IntegrationAuthenticationId, N'sample'
FROM @assigned AS a
INNER JOIN dbo.Device AS d ON d.ICCID = a.Iccid
INNER JOIN dbo.RevCustomer AS c ON c.TenantId = a.Tenant AND c.RevCustomerId = a.Account
LEFT JOIN dbo.RevService AS r ON r.RevServiceId = a.Line AND r.IntegrationAuthenticationId = c.IntegrationAuthenticationId
ORDER BY d.id;
