-- One row per changed field of a device, with the value before and after.
CREATE TABLE dbo.DeviceActionHistory (
    id int IDENTITY(1,1) NOT NULL,
    ServiceProviderId int NULL,
    M2MDeviceId int NULL,
    MobilityDeviceId int NULL,
    BulkChangeId bigint NULL,
    UploadedFileId int NULL,
    ICCID nvarchar(50) NULL,
    MSISDN nvarchar(150) NULL,
    PreviousValue nvarchar(250) NULL,
    CurrentValue nvarchar(250) NULL,
    ChangedField nvarchar(250) NULL,
    ChangeEventType nvarchar(250) NULL,
    DateOfChange datetime2(3) NOT NULL,
    ChangedBy nvarchar(100) NULL,
    Username nvarchar(150) NULL,
    CustomerAccountName nvarchar(500) NULL,
    CustomerAccountNumber nvarchar(50) NULL,
    TenantId int NULL,
    IsActive bit NOT NULL CONSTRAINT DF_DeviceActionHistory_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_DeviceActionHistory_IsDeleted DEFAULT 0,
    CONSTRAINT PK_DeviceActionHistory PRIMARY KEY (id),
    CONSTRAINT FK_DeviceActionHistory_Device FOREIGN KEY (M2MDeviceId) REFERENCES dbo.Device (id)
);
CREATE INDEX IX_DeviceActionHistory_Device ON dbo.DeviceActionHistory (M2MDeviceId, TenantId, DateOfChange DESC);
CREATE INDEX IX_DeviceActionHistory_BulkChangeId ON dbo.DeviceActionHistory (BulkChangeId, M2MDeviceId);
