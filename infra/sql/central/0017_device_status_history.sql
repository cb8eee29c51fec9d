-- Changes of status as the carriers report them. It knows a device by its ICCID only.
CREATE TABLE dbo.DeviceStatusHistory (
    id bigint IDENTITY(1,1) NOT NULL,
    ICCID nvarchar(50) NOT NULL,
    PreviousStatus nvarchar(50) NULL,
    CurrentStatus nvarchar(50) NOT NULL,
    DateOfChange datetime2(3) NOT NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_DeviceStatusHistory_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_DeviceStatusHistory_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_DeviceStatusHistory_IsDeleted DEFAULT 0,
    CONSTRAINT PK_DeviceStatusHistory PRIMARY KEY (id)
);
CREATE INDEX IX_DeviceStatusHistory_ICCID ON dbo.DeviceStatusHistory (ICCID, DateOfChange);
