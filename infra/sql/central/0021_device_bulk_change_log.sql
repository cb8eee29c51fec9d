-- Every step of every device of a bulk change, as business data: what was asked and answered, without credentials. Of the three change ids one is set.
CREATE TABLE dbo.DeviceBulkChangeLog (
    id bigint IDENTITY(1,1) NOT NULL,
    BulkChangeId bigint NOT NULL,
    M2MDeviceChangeId bigint NULL,
    MobilityDeviceChangeId bigint NULL,
    LNPDeviceChangeId bigint NULL,
    LogEntryDescription nvarchar(max) NOT NULL,
    RequestText nvarchar(max) NULL,
    HasErrors bit NOT NULL CONSTRAINT DF_DeviceBulkChangeLog_HasErrors DEFAULT 0,
    ResponseStatus nvarchar(50) NULL,
    ResponseText nvarchar(max) NULL,
    ErrorText nvarchar(max) NULL,
    ProcessedDate datetime2(3) NULL,
    ProcessedBy nvarchar(50) NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_DeviceBulkChangeLog_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_DeviceBulkChangeLog_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_DeviceBulkChangeLog_IsDeleted DEFAULT 0,
    CONSTRAINT PK_DeviceBulkChangeLog PRIMARY KEY (id),
    CONSTRAINT FK_DeviceBulkChangeLog_DeviceBulkChange FOREIGN KEY (BulkChangeId) REFERENCES dbo.DeviceBulkChange (id),
    CONSTRAINT FK_DeviceBulkChangeLog_M2M_DeviceChange FOREIGN KEY (M2MDeviceChangeId) REFERENCES dbo.M2M_DeviceChange (id)
);
CREATE INDEX IX_DeviceBulkChangeLog_BulkChangeId ON dbo.DeviceBulkChangeLog (BulkChangeId, M2MDeviceChangeId);
