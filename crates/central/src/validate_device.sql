-- Answers: which device does an ICCID name, as far as the caller may see it, and whose is it?
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 ICCID, @P5 service provider or NULL for all of the tenant.
-- A device is seen by who may use its customer, and by everybody of the tenant while it has none. Of several rows with one ICCID the
-- live one counts, and of several service providers the newest row. What speaks against it is asked of check.sql.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;
SELECT TOP (1)
    d.id AS DeviceId,
    d.ServiceProviderId,
    t.AccountNumber,
    (SELECT TOP (1) c.CustomerName FROM dbo.RevCustomer AS c
     WHERE c.TenantId = @P1 AND c.RevCustomerId = t.AccountNumber
       AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR c.IntegrationAuthenticationId = t.AccountNumberIntegrationAuthenticationId)
     ORDER BY c.IsDeleted, c.id) AS CustomerName,
    s.id AS SiteId,
    s.Name AS SiteName
FROM dbo.Device AS d
INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId AND p.TenantId = @P1
LEFT JOIN dbo.Device_Tenant AS t ON t.DeviceId = d.id AND t.TenantId = @P1 AND t.IsActive = 1 AND t.IsDeleted = 0
    AND t.AccountNumber <> N''
LEFT JOIN dbo.Sites AS s ON s.id = t.SiteId AND s.TenantId = @P1
WHERE d.ICCID = @P4
  AND (@P5 IS NULL OR d.ServiceProviderId = @P5)
  AND (@P3 = 1
       OR t.id IS NULL
       OR EXISTS (
           SELECT 1 FROM dbo.User_Role_Site AS u
           INNER JOIN dbo.Sites AS own ON own.id = u.SiteId
           INNER JOIN dbo.RevCustomer AS c ON c.id = own.RevCustomerId
           WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0
             AND own.TenantId = @P1 AND c.TenantId = @P1 AND c.RevCustomerId = t.AccountNumber
             AND (t.AccountNumberIntegrationAuthenticationId IS NULL
                  OR c.IntegrationAuthenticationId = t.AccountNumberIntegrationAuthenticationId)))
ORDER BY d.IsDeleted, d.id DESC;
