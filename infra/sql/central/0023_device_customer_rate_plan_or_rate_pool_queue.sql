-- Customer rate plans that take effect on a later day; another system applies them when they fall due.
CREATE TABLE dbo.Device_CustomerRatePlanOrRatePool_Queue (
    Id bigint IDENTITY(1,1) NOT NULL,
    DeviceId int NOT NULL,
    CustomerRatePlanId int NULL,
    CustomerRatePoolId int NULL,
    CustomerDataAllocationMB decimal(25,4) NULL,
    EffectiveDate datetime2(3) NOT NULL,
    -- 0 M2M, 2 Mobility.
    PortalType int NOT NULL,
    TenantId int NOT NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_Device_CustomerRatePlanOrRatePool_Queue_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_Device_CustomerRatePlanOrRatePool_Queue_IsActive DEFAULT 1,
    CONSTRAINT PK_Device_CustomerRatePlanOrRatePool_Queue PRIMARY KEY (Id)
);
CREATE INDEX IX_Device_CustomerRatePlanOrRatePool_Queue_DeviceId ON dbo.Device_CustomerRatePlanOrRatePool_Queue (DeviceId, TenantId);
