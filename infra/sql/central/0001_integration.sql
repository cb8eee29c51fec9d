-- Systems that AMOP speaks to: carriers, Rev.io, others. Ids are fixed: 1 Cisco Jasper, 3 Rev.IO, 4 ThingSpace, 12 Teal, 13 Pond.
CREATE TABLE dbo.Integration (
    id int NOT NULL,
    Name nvarchar(50) NOT NULL,
    -- 0 M2M, 1 LNP, 2 Mobility.
    PortalTypeId int NULL,
    AuthenticationType int NULL,
    HasServiceProvider bit NOT NULL CONSTRAINT DF_Integration_HasServiceProvider DEFAULT 0,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_Integration_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_Integration_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_Integration_IsDeleted DEFAULT 0,
    CONSTRAINT PK_Integration PRIMARY KEY (id)
);
