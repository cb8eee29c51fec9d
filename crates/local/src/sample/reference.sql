-- Tenants, providers, customers, plans of the sample data. @P1 URL of the Rev.io stand-in.
-- Ids are those that a fresh database gives out; on any other a foreign key refuses, and nothing stays.
SET XACT_ABORT ON;
SET NOCOUNT ON;
INSERT INTO dbo.Integration (id, Name, PortalTypeId, HasServiceProvider, CreatedBy)
VALUES (1, N'Cisco Jasper', 0, 1, N'sample'), (3, N'Rev.IO', NULL, 0, N'sample'), (4, N'ThingSpace', 0, 1, N'sample');
INSERT INTO dbo.Tenant (Name, IsCrossProviderOptimization, TimeZone, CreatedBy)
VALUES (N'Northwind Telematics (sample)', 1, N'UTC', N'sample'), (N'Contoso Meters (sample)', 0, N'UTC', N'sample');
INSERT INTO dbo.ServiceProvider (Name, DisplayName, IntegrationId, TenantId, BillPeriodEndDay, BillPeriodEndHour, CreatedBy)
VALUES (N'Jasper sample', N'Jasper sample', 1, 1, 27, 18, N'sample'), (N'ThingSpace sample', N'ThingSpace sample', 4, 2, 24, 0, N'sample');
INSERT INTO dbo.Integration_Connection (IntegrationId, ProductionURL, CreatedBy) VALUES (3, @P1, N'sample');
-- Accounts of the Rev.io stand-in; good for nothing else.
INSERT INTO dbo.Integration_Authentication (IntegrationId, TenantId, AuthenticationType, OAuth2_ClientId, Username, Password, CreatedBy)
VALUES (3, 1, 1, N'fake-client-1', N'fake-user-1', N'not-a-password-1', N'sample'),
       (3, 2, 1, N'fake-client-2', N'fake-user-2', N'not-a-password-2', N'sample');
INSERT INTO dbo.DeviceStatus (Status, DisplayName, IntegrationId, IsActiveStatus, ShouldHaveBilledService, AllowsApiUpdate, CreatedBy)
VALUES (N'ACTIVATED', N'Activated', 1, 1, 1, 1, N'sample'),
       (N'ACTIVATION_READY', N'Activation ready', 1, 0, 0, 1, N'sample'),
       (N'TEST_READY', N'Test ready', 1, 0, 0, 1, N'sample'),
       (N'INVENTORY', N'Inventory', 1, 0, 0, 1, N'sample'),
       (N'DEACTIVATED', N'Deactivated', 1, 0, 0, 1, N'sample'),
       (N'RETIRED', N'Retired', 1, 0, 0, 0, N'sample'),
       (N'PURGED', N'Purged', 1, 0, 0, 0, N'sample'),
       (N'active', N'Active', 4, 1, 1, 1, N'sample'),
       (N'pending activation', N'Pending activation', 4, 0, 0, 0, N'sample'),
       (N'inventory', N'Inventory', 4, 0, 0, 1, N'sample'),
       (N'suspend', N'Suspended', 4, 1, 1, 1, N'sample'),
       (N'deactive', N'Deactivated', 4, 0, 0, 1, N'sample');
-- Inventory may be assigned although it is not active; what is suspended may not although it is.
INSERT INTO dbo.DeviceStatusPolicy (DeviceStatusId, AllowsAssignment)
SELECT s.id, CASE WHEN s.DisplayName = N'Inventory' THEN 1 ELSE 0 END
FROM dbo.DeviceStatus AS s
WHERE s.DisplayName IN (N'Inventory', N'Suspended');
INSERT INTO dbo.JasperCarrierRatePlan (RatePlanCode, ServiceProviderId, FriendlyName, IsRetired, PlanMB, BaseRate, CreatedBy)
VALUES (N'JASPER-10MB', 1, N'Jasper 10 MB', 0, 10, 0.8, N'sample'),
       (N'JASPER-1GB', 1, N'Jasper 1 GB', 0, 1024, 4.5, N'sample'),
       (N'JASPER-OLD', 1, N'Jasper, not sold any more', 1, 5, 0.5, N'sample'),
       (N'THINGSPACE-5MB', 2, N'ThingSpace 5 MB', 0, 5, 0.6, N'sample'),
       (N'THINGSPACE-500MB', 2, N'ThingSpace 500 MB', 0, 500, 3, N'sample');
INSERT INTO dbo.JasperCustomerRatePlan (RatePlanCode, RatePlanName, PlanMB, BaseRate, DisplayRate, AllowsSimPooling, ServiceProviderId, TenantId, CreatedBy)
VALUES (N'NW-100', N'Fleet 100 MB', 100, 2.5, 2.5, 1, 1, 1, N'sample'),
       (N'NW-1000', N'Fleet 1 GB', 1000, 9.75, 9.75, 1, 1, 1, N'sample'),
       (N'CO-50', N'Meter 50 MB', 50, 1.2, 1.2, 1, 2, 2, N'sample'),
       (N'CO-500', N'Meter 500 MB', 500, 6, 6, 0, 2, 2, N'sample');
INSERT INTO dbo.CustomerRatePool (Name, ServiceProviderId, ServiceProviderIds, TenantId, CreatedBy)
VALUES (N'Fleet pool', 1, N'1', 1, N'sample'), (N'Meter pool', NULL, N'2', 2, N'sample');
INSERT INTO dbo.RevCustomer (id, RevCustomerId, CustomerName, IntegrationAuthenticationId, Status, BillProfileId, TenantId, CreatedBy)
VALUES ('00000000-0000-4000-8000-000000001001', N'1001', N'Alder Haulage (sample)', 1, N'OPEN', 1, 1, N'sample'),
       ('00000000-0000-4000-8000-000000001002', N'1002', N'Birch Rentals (sample)', 1, N'OPEN', 1, 1, N'sample'),
       ('00000000-0000-4000-8000-000000001003', N'1003', N'Cedar Cabs (sample)', 1, N'OPEN', 1, 1, N'sample'),
       ('00000000-0000-4000-8000-000000001004', N'1004', N'Dogwood Water (sample)', 2, N'OPEN', 2, 2, N'sample'),
       ('00000000-0000-4000-8000-000000001005', N'1005', N'Elm Energy (sample)', 2, N'OPEN', 2, 2, N'sample'),
       ('00000000-0000-4000-8000-000000001006', N'1006', N'Fir Gas (sample)', 2, N'OPEN', 2, 2, N'sample');
-- The first six are the Sites that associations go to: the first active one of a customer counts.
INSERT INTO dbo.Sites (TenantId, Name, RevCustomerId, CustomerBillPeriodEndDay, CustomerBillPeriodEndHour, City, Country, CreatedBy)
SELECT c.TenantId, CONCAT(c.CustomerName, N', head office'), c.id, 27, 18, N'Springfield', N'US', N'sample'
FROM dbo.RevCustomer AS c
ORDER BY c.RevCustomerId;
INSERT INTO dbo.Sites (TenantId, Name, RevCustomerId, CustomerBillPeriodEndDay, CustomerBillPeriodEndHour, City, Country, CreatedBy)
SELECT c.TenantId, CONCAT(c.CustomerName, N', depot'), c.id, 27, 18, N'Shelbyville', N'US', N'sample'
FROM dbo.RevCustomer AS c
ORDER BY c.RevCustomerId;
-- Users 1 and 2: every customer of their tenant. User 3: customer 1001 only. User 4: none.
INSERT INTO dbo.User_Role_Site (UserId, RoleId, SiteId, TenantId, CreatedBy)
SELECT s.TenantId, 1, s.id, s.TenantId, N'sample'
FROM dbo.Sites AS s
ORDER BY s.id;
INSERT INTO dbo.User_Role_Site (UserId, RoleId, SiteId, TenantId, CreatedBy)
SELECT 3, 1, MIN(s.id), 1, N'sample'
FROM dbo.Sites AS s
INNER JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
WHERE c.RevCustomerId = N'1001';
