-- device_association_intake: what the intake lambda may do, and nothing else. Safe to run again: what was granted stays.
-- It checks and submits requests and answers how they stand. Of the tables of AltaworxCentral it writes the bulk change, its
-- changes and its log; it cannot touch Device or Device_Tenant, and it does not see credentials: of Integration_Authentication
-- it reads which Rev account a row belongs to. A test runs the whole flow with it and compares what is granted with what is used.
--
-- A login for it (the password comes from Secrets Manager, never from a file):
--   CREATE LOGIN device_association_intake_login WITH PASSWORD = '<from Secrets Manager>';
--   CREATE USER device_association_intake_user FOR LOGIN device_association_intake_login;
--   ALTER ROLE device_association_intake ADD MEMBER device_association_intake_user;
IF DATABASE_PRINCIPAL_ID(N'device_association_intake') IS NULL CREATE ROLE device_association_intake;

-- What this system added.
GRANT SELECT, INSERT, UPDATE ON dbo.BulkChangeOutbox TO device_association_intake;
GRANT SELECT, INSERT, UPDATE ON dbo.BulkChangeRequestKey TO device_association_intake;
GRANT SELECT, INSERT ON dbo.BulkChangeWork TO device_association_intake;
GRANT SELECT, INSERT ON dbo.DeviceChangeWork TO device_association_intake;
GRANT SELECT ON dbo.DeviceStatusPolicy TO device_association_intake;
GRANT SELECT, INSERT ON dbo.RevCallBudget TO device_association_intake;

-- AltaworxCentral: whole rows are added, single columns are changed, and of what holds secrets single columns are read.
GRANT SELECT ON dbo.CustomerRatePool TO device_association_intake;
GRANT SELECT ON dbo.Device TO device_association_intake;
GRANT SELECT ON dbo.DeviceActionHistory TO device_association_intake;
GRANT SELECT, INSERT ON dbo.DeviceBulkChange TO device_association_intake;
GRANT SELECT, INSERT ON dbo.DeviceBulkChangeLog TO device_association_intake;
GRANT SELECT ON dbo.DeviceStatus TO device_association_intake;
GRANT SELECT ON dbo.DeviceStatusHistory TO device_association_intake;
GRANT SELECT ON dbo.Device_CustomerRatePlanOrRatePool_Queue TO device_association_intake;
GRANT SELECT ON dbo.Device_Tenant TO device_association_intake;
GRANT SELECT ON dbo.Integration_Authentication (IntegrationId, IsActive, IsDeleted, OAuth2_ClientId, TenantId,
    id) TO device_association_intake;
GRANT SELECT ON dbo.JasperCarrierRatePlan TO device_association_intake;
GRANT SELECT ON dbo.JasperCustomerRatePlan TO device_association_intake;
GRANT SELECT, INSERT ON dbo.M2M_DeviceChange TO device_association_intake;
GRANT SELECT ON dbo.RevCustomer TO device_association_intake;
GRANT SELECT ON dbo.RevService TO device_association_intake;
GRANT SELECT ON dbo.ServiceProvider TO device_association_intake;
GRANT SELECT ON dbo.Sites TO device_association_intake;
GRANT SELECT ON dbo.User_Role_Site TO device_association_intake;
