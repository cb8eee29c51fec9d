-- Where an integration is reached.
CREATE TABLE dbo.Integration_Connection (
    id int IDENTITY(1,1) NOT NULL,
    IntegrationId int NOT NULL,
    ProductionURL nvarchar(250) NOT NULL,
    SandboxURL nvarchar(250) NULL,
    HeaderContent nvarchar(max) NULL,
    ClientId nvarchar(250) NULL,
    ClientSecret nvarchar(250) NULL,
    AuthTestUrl nvarchar(250) NULL,
    CreatedBy nvarchar(50) NOT NULL,
    CreatedDate datetime2(3) NOT NULL CONSTRAINT DF_Integration_Connection_CreatedDate DEFAULT SYSUTCDATETIME(),
    ModifiedBy nvarchar(50) NULL,
    ModifiedDate datetime2(3) NULL,
    DeletedBy nvarchar(50) NULL,
    DeletedDate datetime2(3) NULL,
    IsActive bit NOT NULL CONSTRAINT DF_Integration_Connection_IsActive DEFAULT 1,
    IsDeleted bit NOT NULL CONSTRAINT DF_Integration_Connection_IsDeleted DEFAULT 0,
    CONSTRAINT PK_Integration_Connection PRIMARY KEY (id),
    CONSTRAINT FK_Integration_Connection_Integration FOREIGN KEY (IntegrationId) REFERENCES dbo.Integration (id)
);
CREATE INDEX IX_Integration_Connection_IntegrationId ON dbo.Integration_Connection (IntegrationId);
