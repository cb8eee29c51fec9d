-- Carrier accounts. A device belongs to the tenant of its service provider.
CREATE TABLE dbo.ServiceProvider (
    id int IDENTITY(1,1) NOT NULL,
    Name nvarchar(50) NOT NULL,
    DisplayName nvarchar(50) NULL,
    IntegrationId int NOT NULL,
    TenantId int NOT NULL,
    BillPeriodEndDay int NULL,
    BillPeriodEndHour int NULL,
    DeviceDetailServiceProviderId int NULL,
    OptimizationStartHourLocalTime int NULL,
    WriteIsEnabled bit NOT NULL CONSTRAINT DF_ServiceProvider_WriteIsEnabled DEFAULT 1,
    RegisterCarrierServiceCallBack bit NOT NULL CONSTRAINT DF_ServiceProvider_RegisterCarrierServiceCallBack DEFAULT 0,
    OptIntoCarrierOptimization bit NOT NULL CONSTRAINT DF_ServiceProvider_OptIntoCarrierOptimization DEFAULT 0,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_ServiceProvider_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_ServiceProvider_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_ServiceProvider_IsDeleted DEFAULT 0,
    CONSTRAINT PK_ServiceProvider PRIMARY KEY (id),
    CONSTRAINT FK_ServiceProvider_Integration FOREIGN KEY (IntegrationId) REFERENCES dbo.Integration (id),
    CONSTRAINT FK_ServiceProvider_Tenant FOREIGN KEY (TenantId) REFERENCES dbo.Tenant (id)
);
CREATE INDEX IX_ServiceProvider_TenantId ON dbo.ServiceProvider (TenantId);
