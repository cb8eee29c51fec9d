-- The companies that use AMOP; nothing of one is seen by another.
CREATE TABLE dbo.Tenant (
    id int IDENTITY(1,1) NOT NULL,
    Name nvarchar(250) NOT NULL,
    ParentTenantId int NULL,
    IsCrossProviderOptimization bit NOT NULL CONSTRAINT DF_Tenant_IsCrossProviderOptimization DEFAULT 0,
    TimeZone nvarchar(100) NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_Tenant_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_Tenant_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_Tenant_IsDeleted DEFAULT 0,
    CONSTRAINT PK_Tenant PRIMARY KEY (id),
    CONSTRAINT FK_Tenant_Parent FOREIGN KEY (ParentTenantId) REFERENCES dbo.Tenant (id)
);
