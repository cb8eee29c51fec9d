-- device_association_ops: what the binary `ops` may do (settle, pause, resume, show), and nothing else. Safe to run again: what
-- was granted stays. It reads no credentials and writes no ownership.
--
-- A person gets it through a user of his own, so that the database's audit says who it was:
--   CREATE USER [EXAMPLE\operator] FOR LOGIN [EXAMPLE\operator];
--   ALTER ROLE device_association_ops ADD MEMBER [EXAMPLE\operator];
IF DATABASE_PRINCIPAL_ID(N'device_association_ops') IS NULL CREATE ROLE device_association_ops;

-- What this system added.
GRANT SELECT, UPDATE ON dbo.BulkChangeWork TO device_association_ops;
GRANT SELECT, UPDATE ON dbo.DeviceChangeWork TO device_association_ops;
GRANT SELECT, INSERT ON dbo.RevAccountAction TO device_association_ops;
GRANT SELECT, INSERT, UPDATE ON dbo.RevCallBudget TO device_association_ops;

-- AltaworxCentral: whole rows are added, single columns are changed, and of what holds secrets single columns are read.
GRANT SELECT ON dbo.CustomerRatePool TO device_association_ops;
GRANT SELECT ON dbo.Device TO device_association_ops;
GRANT SELECT ON dbo.DeviceActionHistory TO device_association_ops;
GRANT SELECT ON dbo.DeviceBulkChange TO device_association_ops;
GRANT UPDATE ON dbo.DeviceBulkChange (ModifiedBy, ModifiedDate, ProcessedBy, ProcessedDate, Status) TO device_association_ops;
GRANT SELECT, INSERT ON dbo.DeviceBulkChangeLog TO device_association_ops;
GRANT SELECT ON dbo.DeviceStatus TO device_association_ops;
GRANT SELECT ON dbo.Device_CustomerRatePlanOrRatePool_Queue TO device_association_ops;
GRANT SELECT ON dbo.Device_Tenant TO device_association_ops;
GRANT SELECT ON dbo.Integration_Authentication (IntegrationId, OAuth2_ClientId, TenantId, id) TO device_association_ops;
GRANT SELECT ON dbo.JasperCustomerRatePlan TO device_association_ops;
GRANT SELECT ON dbo.M2M_DeviceChange TO device_association_ops;
GRANT UPDATE ON dbo.M2M_DeviceChange (HasErrors, IsProcessed, ModifiedBy, ModifiedDate, ProcessedBy, ProcessedDate, Status,
    StatusDetails) TO device_association_ops;
GRANT SELECT ON dbo.RevCustomer TO device_association_ops;
GRANT SELECT ON dbo.RevService TO device_association_ops;
GRANT SELECT ON dbo.ServiceProvider TO device_association_ops;
GRANT SELECT ON dbo.Sites TO device_association_ops;
GRANT SELECT ON dbo.Tenant TO device_association_ops;
