-- Service lines of Rev.io as we know them: synchronised daily by another system, and written by ours when it opened one. RevServiceId is Rev's id.
CREATE TABLE dbo.RevService (
    id int IDENTITY(1,1) NOT NULL,
    RevCustomerId uniqueidentifier NOT NULL,
    Number nvarchar(250) NULL,
    RevServiceId int NOT NULL,
    RatePlanCode nvarchar(255) NULL,
    -- Dates as Rev.io writes them.
    ActivatedDate nvarchar(50) NULL,
    DisconnectedDate nvarchar(50) NULL,
    IntegrationAuthenticationId int NOT NULL,
    -- Local ids of RevProvider, RevServiceType and RevUsagePlanGroup.
    RevProviderId int NULL,
    RevServiceTypeId int NULL,
    RevUsagePlanGroupId int NULL,
    Description nvarchar(max) NULL,
    ProRate bit NOT NULL CONSTRAINT DF_RevService_ProRate DEFAULT 0,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_RevService_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_RevService_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_RevService_IsDeleted DEFAULT 0,
    CONSTRAINT PK_RevService PRIMARY KEY (id),
    CONSTRAINT FK_RevService_RevCustomer FOREIGN KEY (RevCustomerId) REFERENCES dbo.RevCustomer (id),
    CONSTRAINT FK_RevService_Integration_Authentication FOREIGN KEY (IntegrationAuthenticationId) REFERENCES dbo.Integration_Authentication (id)
);
-- One row per line at Rev, whoever writes it.
CREATE UNIQUE INDEX UX_RevService_Line ON dbo.RevService (IntegrationAuthenticationId, RevServiceId);
CREATE INDEX IX_RevService_Number ON dbo.RevService (RevCustomerId, Number) INCLUDE (DisconnectedDate, IsActive);
