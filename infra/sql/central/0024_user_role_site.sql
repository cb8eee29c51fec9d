-- Which users may act for which Site, and so for which Rev customer.
CREATE TABLE dbo.User_Role_Site (
    id int IDENTITY(1,1) NOT NULL,
    UserId bigint NOT NULL,
    RoleId int NULL,
    SiteId int NULL,
    SiteGroupId int NULL,
    TenantId int NOT NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_User_Role_Site_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_User_Role_Site_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_User_Role_Site_IsDeleted DEFAULT 0,
    CONSTRAINT PK_User_Role_Site PRIMARY KEY (id),
    CONSTRAINT FK_User_Role_Site_Sites FOREIGN KEY (SiteId) REFERENCES dbo.Sites (id),
    CONSTRAINT FK_User_Role_Site_Tenant FOREIGN KEY (TenantId) REFERENCES dbo.Tenant (id)
);
CREATE INDEX IX_User_Role_Site_UserId ON dbo.User_Role_Site (UserId, TenantId, SiteId);
