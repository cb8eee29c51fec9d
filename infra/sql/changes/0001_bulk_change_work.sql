-- One row per bulk change that this system works on: what happens once for all of its devices.
CREATE TABLE dbo.BulkChangeWork (
    BulkChangeId bigint NOT NULL,
    TenantId int NOT NULL,
    -- The Rev account that is billed; its call budget is the row of RevCallBudget with this id.
    IntegrationAuthenticationId int NOT NULL,
    RevCustomerId varchar(50) NOT NULL,
    CreateRevService bit NOT NULL,
    -- What the request asks for, as JSON of association::request::Options: read once per chunk, not once per device.
    Options nvarchar(max) NOT NULL,
    -- 'not-needed', 'open', 'passed', 'refused': customer and products were looked up at Rev before the first line is opened.
    Preflight varchar(20) NOT NULL,
    PreflightLeaseOwner uniqueidentifier NULL,
    PreflightLeaseUntil datetime2(3) NULL,
    PreflightNotBefore datetime2(3) NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_BulkChangeWork_CreatedAt DEFAULT SYSUTCDATETIME(),
    FinishedAt datetime2(3) NULL,
    LinkedBulkChangeId bigint NULL,
    NoticeOutboxId bigint NULL,
    CONSTRAINT PK_BulkChangeWork PRIMARY KEY (BulkChangeId),
    CONSTRAINT FK_BulkChangeWork_DeviceBulkChange FOREIGN KEY (BulkChangeId) REFERENCES dbo.DeviceBulkChange (id),
    CONSTRAINT CK_BulkChangeWork_Preflight CHECK (Preflight IN ('not-needed', 'open', 'passed', 'refused'))
);
CREATE INDEX IX_BulkChangeWork_Unfinished ON dbo.BulkChangeWork (CreatedAt) WHERE FinishedAt IS NULL;
CREATE INDEX IX_BulkChangeWork_Finished ON dbo.BulkChangeWork (FinishedAt) WHERE FinishedAt IS NOT NULL;
