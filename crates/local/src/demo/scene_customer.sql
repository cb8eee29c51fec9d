-- Answers: on whose behalf the demo asks, and for which customer: the user and provider with most to show.
-- A customer whom a user may use, of a tenant with a service provider, and a rate plan of that provider.
SELECT TOP (1)
    u.UserId,
    s.TenantId,
    t.Name AS TenantName,
    c.RevCustomerId,
    c.CustomerName,
    p.id AS ServiceProviderId,
    p.Name AS ServiceProviderName,
    r.id AS CustomerRatePlanId,
    r.RatePlanName
FROM dbo.User_Role_Site AS u
INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
INNER JOIN dbo.Tenant AS t ON t.id = s.TenantId
INNER JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
INNER JOIN dbo.ServiceProvider AS p ON p.TenantId = s.TenantId
INNER JOIN dbo.JasperCustomerRatePlan AS r ON r.ServiceProviderId = p.id AND r.TenantId = s.TenantId
WHERE u.IsActive = 1 AND u.IsDeleted = 0 AND u.TenantId = s.TenantId
  AND s.IsActive = 1 AND s.IsDeleted = 0
  AND c.IsActive = 1 AND c.IsDeleted = 0 AND COALESCE(c.Status, N'') <> N'CLOSED'
  AND p.IsActive = 1 AND p.IsDeleted = 0
  AND r.IsActive = 1 AND r.IsDeleted = 0
ORDER BY u.UserId, p.id, c.RevCustomerId, r.id;
