-- Ownership and billing: which customer (AccountNumber = RevCustomer.RevCustomerId) of a tenant a device is assigned to. One row per device and tenant.
CREATE TABLE dbo.Device_Tenant (
    id int IDENTITY(1,1) NOT NULL,
    DeviceId int NOT NULL,
    TenantId int NOT NULL,
    -- RevService.id, not Rev's own id.
    RevServiceId int NULL,
    CustomerRatePlanId int NULL,
    CustomerDataAllocationMB decimal(25,4) NULL,
    CustomerRatePoolId int NULL,
    AccountNumber nvarchar(50) NULL,
    SiteId int NULL,
    AccountNumberIntegrationAuthenticationId int NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_Device_Tenant_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_Device_Tenant_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_Device_Tenant_IsDeleted DEFAULT 0,
    CONSTRAINT PK_Device_Tenant PRIMARY KEY (id),
    CONSTRAINT UQ_Device_Tenant_Device UNIQUE (DeviceId, TenantId),
    CONSTRAINT FK_Device_Tenant_Device FOREIGN KEY (DeviceId) REFERENCES dbo.Device (id),
    CONSTRAINT FK_Device_Tenant_Tenant FOREIGN KEY (TenantId) REFERENCES dbo.Tenant (id),
    CONSTRAINT FK_Device_Tenant_RevService FOREIGN KEY (RevServiceId) REFERENCES dbo.RevService (id),
    CONSTRAINT FK_Device_Tenant_JasperCustomerRatePlan FOREIGN KEY (CustomerRatePlanId) REFERENCES dbo.JasperCustomerRatePlan (id),
    CONSTRAINT FK_Device_Tenant_CustomerRatePool FOREIGN KEY (CustomerRatePoolId) REFERENCES dbo.CustomerRatePool (id),
    CONSTRAINT FK_Device_Tenant_Sites FOREIGN KEY (SiteId) REFERENCES dbo.Sites (id),
    CONSTRAINT FK_Device_Tenant_Integration_Authentication FOREIGN KEY (AccountNumberIntegrationAuthenticationId) REFERENCES dbo.Integration_Authentication (id)
);
CREATE INDEX IX_Device_Tenant_TenantId ON dbo.Device_Tenant (TenantId, SiteId);
CREATE INDEX IX_Device_Tenant_RevServiceId ON dbo.Device_Tenant (RevServiceId) WHERE RevServiceId IS NOT NULL;
