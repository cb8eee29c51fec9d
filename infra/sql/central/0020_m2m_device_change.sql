-- One device of a bulk change.
CREATE TABLE dbo.M2M_DeviceChange (
    id bigint IDENTITY(1,1) NOT NULL,
    BulkChangeId bigint NOT NULL,
    ICCID nvarchar(50) NOT NULL,
    MSISDN nvarchar(50) NULL,
    IpAddress nvarchar(50) NULL,
    DeviceId int NULL,
    -- JSON of class BulkChangeAssociateCustomer; or DeviceChangeRequestId, where the rows of a bulk change share one.
    ChangeRequest nvarchar(max) NULL,
    DeviceChangeRequestId bigint NULL,
    IsProcessed bit NOT NULL CONSTRAINT DF_M2M_DeviceChange_IsProcessed DEFAULT 0,
    HasErrors bit NOT NULL CONSTRAINT DF_M2M_DeviceChange_HasErrors DEFAULT 0,
    Status nvarchar(50) NOT NULL,
    StatusDetails nvarchar(max) NULL,
    ProcessedDate datetime2(3) NULL,
    ProcessedBy nvarchar(50) NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_M2M_DeviceChange_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_M2M_DeviceChange_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_M2M_DeviceChange_IsDeleted DEFAULT 0,
    CONSTRAINT PK_M2M_DeviceChange PRIMARY KEY (id),
    CONSTRAINT FK_M2M_DeviceChange_DeviceBulkChange FOREIGN KEY (BulkChangeId) REFERENCES dbo.DeviceBulkChange (id),
    CONSTRAINT FK_M2M_DeviceChange_Device FOREIGN KEY (DeviceId) REFERENCES dbo.Device (id),
    CONSTRAINT FK_M2M_DeviceChange_DeviceChangeRequest FOREIGN KEY (DeviceChangeRequestId) REFERENCES dbo.DeviceChangeRequest (id),
    CONSTRAINT CK_M2M_DeviceChange_Status CHECK (Status IN ('NEW', 'PENDING', 'PROCESSING', 'PROCESSED', 'ERROR', 'API_FAILED'))
);
CREATE INDEX IX_M2M_DeviceChange_BulkChangeId ON dbo.M2M_DeviceChange (BulkChangeId, id) INCLUDE (Status, IsProcessed, HasErrors);
-- The other producer's rows know a device by its ICCID; this finds the unfinished ones.
CREATE INDEX IX_M2M_DeviceChange_Unprocessed ON dbo.M2M_DeviceChange (ICCID) INCLUDE (BulkChangeId, DeviceId) WHERE IsProcessed = 0;
