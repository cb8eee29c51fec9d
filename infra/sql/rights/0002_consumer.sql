-- device_association_consumer: what the lambda AltaworxDeviceBulkChange may do, and nothing else. Safe to run again: what was
-- granted stays. It is the one login that reads the credentials of Rev accounts (Integration_Authentication, these columns).
-- The procedures run with the rights of their owner (ownership chaining: they and the tables belong to dbo), so EXECUTE is all
-- that a call of them needs. A test runs the whole flow with it and compares what is granted with what is used.
--
-- A login for it (the password comes from Secrets Manager, never from a file):
--   CREATE LOGIN device_association_consumer_login WITH PASSWORD = '<from Secrets Manager>';
--   CREATE USER device_association_consumer_user FOR LOGIN device_association_consumer_login;
--   ALTER ROLE device_association_consumer ADD MEMBER device_association_consumer_user;
IF DATABASE_PRINCIPAL_ID(N'device_association_consumer') IS NULL CREATE ROLE device_association_consumer;

-- What this system added.
GRANT SELECT, INSERT, UPDATE ON dbo.BulkChangeOutbox TO device_association_consumer;
GRANT SELECT, DELETE ON dbo.BulkChangeRequestKey TO device_association_consumer;
GRANT SELECT, INSERT, UPDATE ON dbo.BulkChangeWork TO device_association_consumer;
GRANT SELECT, INSERT, UPDATE ON dbo.DeviceChangeWork TO device_association_consumer;
GRANT SELECT ON dbo.DeviceStatusPolicy TO device_association_consumer;
GRANT SELECT, INSERT, UPDATE ON dbo.RevCallBudget TO device_association_consumer;

-- AltaworxCentral: whole rows are added, single columns are changed, and of what holds secrets single columns are read.
GRANT SELECT ON dbo.CustomerRatePool TO device_association_consumer;
GRANT SELECT ON dbo.Device TO device_association_consumer;
GRANT INSERT ON dbo.DeviceActionHistory TO device_association_consumer;
GRANT SELECT, INSERT ON dbo.DeviceBulkChange TO device_association_consumer;
GRANT UPDATE ON dbo.DeviceBulkChange (ModifiedBy, ModifiedDate, ProcessedBy, ProcessedDate,
    Status) TO device_association_consumer;
GRANT SELECT, INSERT ON dbo.DeviceBulkChangeLog TO device_association_consumer;
GRANT SELECT, INSERT ON dbo.DeviceChangeRequest TO device_association_consumer;
GRANT SELECT ON dbo.DeviceStatus TO device_association_consumer;
GRANT SELECT ON dbo.DeviceStatusHistory TO device_association_consumer;
GRANT SELECT, INSERT, UPDATE ON dbo.Device_CustomerRatePlanOrRatePool_Queue TO device_association_consumer;
GRANT SELECT, INSERT ON dbo.Device_Tenant TO device_association_consumer;
GRANT UPDATE ON dbo.Device_Tenant (AccountNumber, AccountNumberIntegrationAuthenticationId, CustomerDataAllocationMB,
    CustomerRatePlanId, CustomerRatePoolId, DeletedBy, DeletedDate, IsActive, IsDeleted, ModifiedBy, ModifiedDate, RevServiceId,
    SiteId) TO device_association_consumer;
GRANT SELECT ON dbo.Integration TO device_association_consumer;
GRANT SELECT ON dbo.Integration_Authentication (IntegrationId, IsActive, IsDeleted, OAuth2_ClientId, Password, TenantId, Username,
    id) TO device_association_consumer;
GRANT SELECT ON dbo.Integration_Connection (IntegrationId, IsActive, IsDeleted, ProductionURL, id) TO device_association_consumer;
GRANT SELECT ON dbo.JasperCarrierRatePlan TO device_association_consumer;
GRANT SELECT ON dbo.JasperCustomerRatePlan TO device_association_consumer;
GRANT SELECT, INSERT ON dbo.M2M_DeviceChange TO device_association_consumer;
GRANT UPDATE ON dbo.M2M_DeviceChange (DeviceId, HasErrors, IsProcessed, ModifiedBy, ModifiedDate, ProcessedBy, ProcessedDate,
    Status, StatusDetails) TO device_association_consumer;
GRANT SELECT ON dbo.RevCustomer TO device_association_consumer;
GRANT SELECT, INSERT ON dbo.RevService TO device_association_consumer;
GRANT SELECT ON dbo.ServiceProvider TO device_association_consumer;
GRANT SELECT ON dbo.Sites TO device_association_consumer;
GRANT SELECT ON dbo.Tenant TO device_association_consumer;
GRANT SELECT ON dbo.User_Role_Site TO device_association_consumer;

-- The procedures of the flow, ours or the database's own. Of the two that refresh links the one that is called: without EXECUTE
-- on it OBJECT_ID would not even see it. Where a database gets such a procedure later, this file is applied again.
GRANT EXECUTE ON dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange TO device_association_consumer;
GRANT EXECUTE ON dbo.usp_UpdateCrossProviderDeviceHistory TO device_association_consumer;
IF OBJECT_ID(N'dbo.usp_UpdateDevice_RevServiceLinks', N'P') IS NOT NULL
    GRANT EXECUTE ON dbo.usp_UpdateDevice_RevServiceLinks TO device_association_consumer;
ELSE
    GRANT EXECUTE ON dbo.UPDATE_DEVICE_REV_SERVICE_LINKS TO device_association_consumer;
