-- Customers as AMOP shows them. A Rev customer maps to the first active Site with its id in the tenant.
CREATE TABLE dbo.Sites (
    id int IDENTITY(1,1) NOT NULL,
    TenantId int NOT NULL,
    Name nvarchar(250) NOT NULL,
    -- RevCustomer.id, not the account number.
    RevCustomerId uniqueidentifier NULL,
    ParentSiteId int NULL,
    CustomerRatePlans nvarchar(max) NULL,
    CustomerBillPeriodEndDay int NULL,
    CustomerBillPeriodEndHour int NULL,
    Address1 nvarchar(250) NULL,
    Address2 nvarchar(250) NULL,
    City nvarchar(100) NULL,
    State nvarchar(100) NULL,
    PostalCode nvarchar(50) NULL,
    Country nvarchar(100) NULL,
    IsSystemDefault bit NOT NULL CONSTRAINT DF_Sites_IsSystemDefault DEFAULT 0,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_Sites_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_Sites_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_Sites_IsDeleted DEFAULT 0,
    CONSTRAINT PK_Sites PRIMARY KEY (id),
    CONSTRAINT FK_Sites_Tenant FOREIGN KEY (TenantId) REFERENCES dbo.Tenant (id),
    CONSTRAINT FK_Sites_RevCustomer FOREIGN KEY (RevCustomerId) REFERENCES dbo.RevCustomer (id),
    CONSTRAINT FK_Sites_Parent FOREIGN KEY (ParentSiteId) REFERENCES dbo.Sites (id)
);
CREATE INDEX IX_Sites_RevCustomerId ON dbo.Sites (RevCustomerId, TenantId);
