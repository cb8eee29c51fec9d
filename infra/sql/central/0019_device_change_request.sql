-- A change as JSON that several rows of a bulk change share; association writes one of its own per device instead.
CREATE TABLE dbo.DeviceChangeRequest (
    id bigint IDENTITY(1,1) NOT NULL,
    BulkChangeId bigint NOT NULL,
    ChangeRequest nvarchar(max) NOT NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_DeviceChangeRequest_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_DeviceChangeRequest_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_DeviceChangeRequest_IsDeleted DEFAULT 0,
    CONSTRAINT PK_DeviceChangeRequest PRIMARY KEY (id),
    CONSTRAINT FK_DeviceChangeRequest_DeviceBulkChange FOREIGN KEY (BulkChangeId) REFERENCES dbo.DeviceBulkChange (id)
);
CREATE INDEX IX_DeviceChangeRequest_BulkChangeId ON dbo.DeviceChangeRequest (BulkChangeId);
