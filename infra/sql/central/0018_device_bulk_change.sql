-- One request for many devices. ChangeRequestTypeId: 2 CarrierRatePlanChange, 4 CustomerAssignment.
CREATE TABLE dbo.DeviceBulkChange (
    id bigint IDENTITY(1,1) NOT NULL,
    ChangeRequestTypeId int NOT NULL,
    ServiceProviderId int NOT NULL,
    TenantId int NOT NULL,
    SiteId int NULL,
    AppFileId int NULL,
    Status nvarchar(50) NOT NULL,
    ProcessedDate datetime2(3) NULL,
    ProcessedBy nvarchar(50) NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_DeviceBulkChange_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_DeviceBulkChange_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_DeviceBulkChange_IsDeleted DEFAULT 0,
    CONSTRAINT PK_DeviceBulkChange PRIMARY KEY (id),
    CONSTRAINT FK_DeviceBulkChange_ServiceProvider FOREIGN KEY (ServiceProviderId) REFERENCES dbo.ServiceProvider (id),
    CONSTRAINT FK_DeviceBulkChange_Tenant FOREIGN KEY (TenantId) REFERENCES dbo.Tenant (id),
    CONSTRAINT FK_DeviceBulkChange_Sites FOREIGN KEY (SiteId) REFERENCES dbo.Sites (id),
    CONSTRAINT CK_DeviceBulkChange_Status CHECK (Status IN ('NEW', 'PENDING', 'PROCESSING', 'PROCESSED', 'ERROR', 'API_FAILED'))
);
CREATE INDEX IX_DeviceBulkChange_TenantId ON dbo.DeviceBulkChange (TenantId, CreatedDate);
