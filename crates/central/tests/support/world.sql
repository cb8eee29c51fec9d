-- A tenant of a test's own, with everything that an association needs; answers the ids. @P1 name, @P2 URL of Rev.
SET XACT_ABORT ON;
SET NOCOUNT ON;
INSERT INTO dbo.Integration (id, Name, PortalTypeId, HasServiceProvider, CreatedBy)
SELECT 1, N'Cisco Jasper', 0, 1, N'test' WHERE NOT EXISTS (SELECT 1 FROM dbo.Integration AS i WHERE i.id = 1);
INSERT INTO dbo.Integration (id, Name, PortalTypeId, HasServiceProvider, CreatedBy)
SELECT 3, N'Rev.IO', NULL, 0, N'test' WHERE NOT EXISTS (SELECT 1 FROM dbo.Integration AS i WHERE i.id = 3);
INSERT INTO dbo.Integration_Connection (IntegrationId, ProductionURL, CreatedBy)
SELECT 3, @P2, N'test' WHERE NOT EXISTS (SELECT 1 FROM dbo.Integration_Connection AS c WHERE c.IntegrationId = 3);
INSERT INTO dbo.DeviceStatus (Status, DisplayName, IntegrationId, IsActiveStatus, CreatedBy)
SELECT s.Status, s.DisplayName, 1, s.IsActive, N'test'
FROM (SELECT N'ACTIVATED' AS Status, N'Activated' AS DisplayName, 1 AS IsActive
      UNION ALL SELECT N'TEST_READY', N'Test ready', 0
      UNION ALL SELECT N'INVENTORY', N'Inventory', 0
      UNION ALL SELECT N'SUSPENDED', N'Suspended', 1) AS s
WHERE NOT EXISTS (SELECT 1 FROM dbo.DeviceStatus AS d WHERE d.Status = s.Status AND d.IntegrationId = 1);
INSERT INTO dbo.DeviceStatusPolicy (DeviceStatusId, AllowsAssignment)
SELECT d.id, CASE WHEN d.Status = N'INVENTORY' THEN 1 ELSE 0 END
FROM dbo.DeviceStatus AS d
WHERE d.IntegrationId = 1 AND d.Status IN (N'INVENTORY', N'SUSPENDED')
  AND NOT EXISTS (SELECT 1 FROM dbo.DeviceStatusPolicy AS p WHERE p.DeviceStatusId = d.id);

DECLARE @tenant int;
DECLARE @provider int;
DECLARE @account int;
DECLARE @customer uniqueidentifier;
DECLARE @second uniqueidentifier;
DECLARE @site int;
DECLARE @secondSite int;
DECLARE @plan int;
DECLARE @pool int;
SET @customer = NEWID();
SET @second = NEWID();
BEGIN TRANSACTION;
INSERT INTO dbo.Tenant (Name, CreatedBy) VALUES (@P1, N'test');
SET @tenant = CAST(SCOPE_IDENTITY() AS int);
INSERT INTO dbo.ServiceProvider (Name, DisplayName, IntegrationId, TenantId, CreatedBy) VALUES (LEFT(@P1, 50), LEFT(@P1, 50), 1, @tenant, N'test');
SET @provider = CAST(SCOPE_IDENTITY() AS int);
INSERT INTO dbo.Integration_Authentication (IntegrationId, TenantId, OAuth2_ClientId, Username, Password, CreatedBy)
VALUES (3, @tenant, N'fake-client-1', N'fake-user-1', N'not-a-password-1', N'test');
SET @account = CAST(SCOPE_IDENTITY() AS int);
INSERT INTO dbo.RevCustomer (id, RevCustomerId, CustomerName, IntegrationAuthenticationId, Status, TenantId, CreatedBy)
VALUES (@customer, N'1001', N'Fake Fleet One', @account, N'OPEN', @tenant, N'test'), (@second, N'1002', N'Fake Fleet Two', @account, N'OPEN', @tenant, N'test');
INSERT INTO dbo.Sites (TenantId, Name, RevCustomerId, CreatedBy) VALUES (@tenant, N'Fake Fleet One HQ', @customer, N'test');
SET @site = CAST(SCOPE_IDENTITY() AS int);
INSERT INTO dbo.Sites (TenantId, Name, RevCustomerId, CreatedBy) VALUES (@tenant, N'Fake Fleet Two HQ', @second, N'test');
SET @secondSite = CAST(SCOPE_IDENTITY() AS int);
INSERT INTO dbo.JasperCarrierRatePlan (RatePlanCode, ServiceProviderId, FriendlyName, CreatedBy) VALUES (N'CARRIER-1GB', @provider, N'Carrier 1 GB', N'test');
INSERT INTO dbo.JasperCustomerRatePlan (RatePlanCode, RatePlanName, PlanMB, ServiceProviderId, TenantId, CreatedBy)
VALUES (N'DATA-100', N'Data 100 MB', 100, @provider, @tenant, N'test');
SET @plan = CAST(SCOPE_IDENTITY() AS int);
INSERT INTO dbo.CustomerRatePool (Name, ServiceProviderIds, TenantId, CreatedBy) VALUES (N'Pool', CONCAT(N'999999, ', @provider), @tenant, N'test');
SET @pool = CAST(SCOPE_IDENTITY() AS int);
INSERT INTO dbo.User_Role_Site (UserId, SiteId, TenantId, CreatedBy) VALUES (7, @site, @tenant, N'test');
COMMIT TRANSACTION;
SELECT @tenant AS TenantId, @provider AS ServiceProviderId, @account AS IntegrationAuthenticationId, @customer AS CustomerId, @second AS SecondCustomerId,
    @site AS SiteId, @secondSite AS SecondSiteId, @plan AS PlanId, @pool AS PoolId;
