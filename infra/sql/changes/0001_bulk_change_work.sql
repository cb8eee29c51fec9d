-- One row per bulk change that this system works on: what happens once for all of its devices.
CREATE TABLE dbo.BulkChangeWork (
    BulkChangeId bigint NOT NULL,
    TenantId int NOT NULL,
    -- Who wrote the bulk change: 'other' is AMOP 2.0 or the old portal itself; NULL is our intake.
    Producer varchar(10) NULL,
    -- The Rev account that is billed; RevCallBudget says whose call budget that is. 0 (and RevCustomerId empty) where no row of the
    -- other producer names a usable customer.
    IntegrationAuthenticationId int NOT NULL,
    RevCustomerId varchar(50) NOT NULL,
    CreateRevService bit NOT NULL,
    -- What the request asks for, as JSON of association::request::Options: read once per chunk, not once per device.
    Options nvarchar(max) NOT NULL,
    -- 'not-needed', 'open', 'passed', 'refused': customer and products were looked up at Rev before the first line is opened.
    Preflight varchar(20) NOT NULL,
    -- Reason and words of a refusal.
    PreflightDetails nvarchar(1000) NULL,
    PreflightLeaseOwner uniqueidentifier NULL,
    PreflightLeaseUntil datetime2(3) NULL,
    PreflightNotBefore datetime2(3) NULL,
    -- How far ahead this bulk change has taken call slots, in its own pace: the account's interval, times the bulk changes that wait.
    NextSlotAt datetime2(7) NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_BulkChangeWork_CreatedAt DEFAULT SYSUTCDATETIME(),
    FinishedAt datetime2(3) NULL,
    LinkedBulkChangeId bigint NULL,
    NoticeOutboxId bigint NULL,
    -- The request that caused it, as its caller was told (x-request-id); of another producer the id of the message that named it.
    -- For log lines alone: every message about the bulk change carries it.
    TraceId varchar(64) NULL,
    CONSTRAINT PK_BulkChangeWork PRIMARY KEY (BulkChangeId),
    CONSTRAINT FK_BulkChangeWork_DeviceBulkChange FOREIGN KEY (BulkChangeId) REFERENCES dbo.DeviceBulkChange (id),
    CONSTRAINT CK_BulkChangeWork_Preflight CHECK (Preflight IN ('not-needed', 'open', 'passed', 'refused'))
);
CREATE INDEX IX_BulkChangeWork_Unfinished ON dbo.BulkChangeWork (CreatedAt) WHERE FinishedAt IS NULL;
CREATE INDEX IX_BulkChangeWork_Finished ON dbo.BulkChangeWork (FinishedAt) WHERE FinishedAt IS NOT NULL;
-- What waits for the calls of an account, asked by each claim.
CREATE INDEX IX_BulkChangeWork_Account ON dbo.BulkChangeWork (IntegrationAuthenticationId) INCLUDE (Preflight, PreflightNotBefore) WHERE FinishedAt IS NULL;
-- Whose carrier rate plan change is this? Asked by each look at the status of one, which only those may see who may see its origin.
CREATE INDEX IX_BulkChangeWork_Linked ON dbo.BulkChangeWork (LinkedBulkChangeId) WHERE LinkedBulkChangeId IS NOT NULL;
