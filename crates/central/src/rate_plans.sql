-- Answers: which rate plans and pools can devices of a Rev customer take?
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 account number, @P5 integration authentication or NULL,
-- @P6 service provider or NULL for all of the tenant.
-- What can be taken is what check.sql accepts: of the tenant and for one of its service providers, active, carrier plans not retired.
-- A plan or pool of several providers lists them with commas; providers of other tenants among them are not told.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;

-- 1: is there such a customer, and may the caller use it?
DECLARE @known bit;
SET @known = CASE WHEN EXISTS (
    SELECT 1
    FROM dbo.RevCustomer AS c
    WHERE c.TenantId = @P1 AND c.RevCustomerId = @P4 AND c.IsDeleted = 0
      AND (@P5 IS NULL OR c.IntegrationAuthenticationId = @P5)
      AND (@P3 = 1 OR EXISTS (
          SELECT 1 FROM dbo.User_Role_Site AS u
          INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
          WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0
            AND s.RevCustomerId = c.id AND s.TenantId = @P1))) THEN 1 ELSE 0 END;
SELECT @known AS Known;

DECLARE @providers TABLE (Id int NOT NULL PRIMARY KEY, Listed nvarchar(30) NOT NULL);
INSERT INTO @providers (Id, Listed)
SELECT p.id, CONCAT(N'%,', p.id, N',%')
FROM dbo.ServiceProvider AS p
WHERE @known = 1 AND p.TenantId = @P1 AND p.IsActive = 1 AND p.IsDeleted = 0 AND (@P6 IS NULL OR p.id = @P6);

-- 2: customer rate plans, one row for each service provider
SELECT r.id, r.RatePlanCode, r.RatePlanName, r.PlanMB, p.Id AS ServiceProviderId
FROM dbo.JasperCustomerRatePlan AS r
INNER JOIN @providers AS p ON r.ServiceProviderId = p.Id
    OR CONCAT(N',', REPLACE(r.ServiceProviderIds, N' ', N''), N',') LIKE p.Listed
WHERE r.TenantId = @P1 AND r.IsActive = 1 AND r.IsDeleted = 0
ORDER BY r.RatePlanName, r.id, p.Id;

-- 3: carrier rate plans
SELECT r.RatePlanCode, r.FriendlyName, r.ServiceProviderId
FROM dbo.JasperCarrierRatePlan AS r
INNER JOIN @providers AS p ON p.Id = r.ServiceProviderId
WHERE r.IsRetired = 0 AND r.IsActive = 1 AND r.IsDeleted = 0
ORDER BY r.RatePlanCode, r.ServiceProviderId, r.id;

-- 4: pools, one row for each service provider
SELECT r.id, r.Name, p.Id AS ServiceProviderId
FROM dbo.CustomerRatePool AS r
INNER JOIN @providers AS p ON r.ServiceProviderId = p.Id
    OR CONCAT(N',', REPLACE(r.ServiceProviderIds, N' ', N''), N',') LIKE p.Listed
WHERE r.TenantId = @P1 AND r.IsActive = 1 AND r.IsDeleted = 0
ORDER BY r.Name, r.id, p.Id;
