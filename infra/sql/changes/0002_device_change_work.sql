-- One row per change (device of a bulk change) that is to be worked on: where it stands, who holds it, what was sent to Rev.
CREATE TABLE dbo.DeviceChangeWork (
    ChangeId bigint NOT NULL,
    BulkChangeId bigint NOT NULL,
    TenantId int NOT NULL,
    DeviceId int NULL,
    Chunk int NOT NULL,
    -- 'open-line': a service line is to be opened; 'settle': it is unknown whether one was; 'assign': ownership is to be taken over; 'done'.
    Step varchar(20) NOT NULL,
    -- Of another producer: the change in our own form, read and checked; M2M_DeviceChange keeps what was written there.
    ChangeRequest nvarchar(max) NULL,
    NotBefore datetime2(3) NULL,
    OfferedAt datetime2(3) NULL,
    LeaseOwner uniqueidentifier NULL,
    LeaseUntil datetime2(3) NULL,
    -- Grows by one with each claim; a decision is written only by the holder of the newest.
    Fence bigint NOT NULL CONSTRAINT DF_DeviceChangeWork_Fence DEFAULT 0,
    Attempts int NOT NULL CONSTRAINT DF_DeviceChangeWork_Attempts DEFAULT 0,
    -- The intent: recorded before a billing call, cleared only when the call provably did not happen.
    IntentReference varchar(60) NULL,
    IntentNumber varchar(150) NULL,
    IntentCustomer varchar(50) NULL,
    IntentIntegrationAuthenticationId int NULL,
    IntentAt datetime2(3) NULL,
    -- A look-up that finds nothing counts from here on, and the first one that did.
    SettleAfter datetime2(3) NULL,
    AbsentAt datetime2(3) NULL,
    -- How often a call of this change ended without a known outcome; the second goes to review.
    Unknowns int NOT NULL CONSTRAINT DF_DeviceChangeWork_Unknowns DEFAULT 0,
    RevServiceLineId bigint NULL,
    ReviewSince datetime2(3) NULL,
    LastError nvarchar(1000) NULL,
    ClosedAt datetime2(3) NULL,
    -- The linked bulk change that this device's carrier plan went into. A bulk change that was opened again and finishes again
    -- makes one more, of the devices that are in none yet.
    LinkedBulkChangeId bigint NULL,
    CONSTRAINT PK_DeviceChangeWork PRIMARY KEY (ChangeId),
    CONSTRAINT FK_DeviceChangeWork_BulkChangeWork FOREIGN KEY (BulkChangeId) REFERENCES dbo.BulkChangeWork (BulkChangeId),
    CONSTRAINT CK_DeviceChangeWork_Step CHECK (Step IN ('open-line', 'settle', 'assign', 'done'))
);
-- One unfinished change per device.
CREATE UNIQUE INDEX UX_DeviceChangeWork_Unfinished ON dbo.DeviceChangeWork (DeviceId, TenantId) WHERE ClosedAt IS NULL AND DeviceId IS NOT NULL;
CREATE INDEX IX_DeviceChangeWork_Open ON dbo.DeviceChangeWork (BulkChangeId, Chunk, ChangeId) INCLUDE (NotBefore, OfferedAt, LeaseUntil, ReviewSince) WHERE ClosedAt IS NULL;
CREATE INDEX IX_DeviceChangeWork_ServiceLine ON dbo.DeviceChangeWork (DeviceId, RevServiceLineId) WHERE RevServiceLineId IS NOT NULL;
-- Which change holds a line? Asked before another one is given it.
CREATE INDEX IX_DeviceChangeWork_Line ON dbo.DeviceChangeWork (RevServiceLineId) INCLUDE (IntentIntegrationAuthenticationId) WHERE RevServiceLineId IS NOT NULL;
-- What waits for the calls of an account, asked by each claim.
CREATE INDEX IX_DeviceChangeWork_Calls ON dbo.DeviceChangeWork (BulkChangeId) INCLUDE (NotBefore, LeaseUntil, Step) WHERE ClosedAt IS NULL AND ReviewSince IS NULL AND Step IN ('open-line', 'settle');
-- The changes that wait for a person.
CREATE INDEX IX_DeviceChangeWork_Review ON dbo.DeviceChangeWork (ReviewSince) INCLUDE (TenantId) WHERE ReviewSince IS NOT NULL;
CREATE INDEX IX_DeviceChangeWork_Linked ON dbo.DeviceChangeWork (LinkedBulkChangeId) INCLUDE (BulkChangeId) WHERE LinkedBulkChangeId IS NOT NULL;
