-- Devices that share their data allocations.
CREATE TABLE dbo.CustomerRatePool (
    id int IDENTITY(1,1) NOT NULL,
    Name nvarchar(200) NOT NULL,
    ServiceProviderId int NULL,
    -- Comma list, for a pool of several providers.
    ServiceProviderIds nvarchar(max) NULL,
    TenantId int NOT NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_CustomerRatePool_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_CustomerRatePool_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_CustomerRatePool_IsDeleted DEFAULT 0,
    CONSTRAINT PK_CustomerRatePool PRIMARY KEY (id),
    CONSTRAINT FK_CustomerRatePool_ServiceProvider FOREIGN KEY (ServiceProviderId) REFERENCES dbo.ServiceProvider (id),
    CONSTRAINT FK_CustomerRatePool_Tenant FOREIGN KEY (TenantId) REFERENCES dbo.Tenant (id)
);
CREATE INDEX IX_CustomerRatePool_TenantId ON dbo.CustomerRatePool (TenantId);
