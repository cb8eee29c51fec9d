-- Messages to send, written in the transaction of what they tell, and sent until they are accepted.
CREATE TABLE dbo.BulkChangeOutbox (
    Id bigint IDENTITY(1,1) NOT NULL,
    -- 'chunk': to the queue, payload {"bulkChangeId", "chunk", "tenantId"}; 'notice': to AMOP 2.0, payload is the body of the POST;
    -- 'carrier': to CARRIER_CHANGES_QUEUE_URL, payload {"bulkChangeId"} of the linked bulk change.
    Kind varchar(20) NOT NULL,
    BulkChangeId bigint NOT NULL,
    Payload nvarchar(max) NOT NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_BulkChangeOutbox_CreatedAt DEFAULT SYSUTCDATETIME(),
    NextAttemptAt datetime2(3) NOT NULL,
    Attempts int NOT NULL CONSTRAINT DF_BulkChangeOutbox_Attempts DEFAULT 0,
    SentAt datetime2(3) NULL,
    LastError nvarchar(1000) NULL,
    CONSTRAINT PK_BulkChangeOutbox PRIMARY KEY (Id),
    CONSTRAINT CK_BulkChangeOutbox_Kind CHECK (Kind IN ('chunk', 'notice', 'carrier'))
);
CREATE INDEX IX_BulkChangeOutbox_Unsent ON dbo.BulkChangeOutbox (NextAttemptAt) INCLUDE (Kind, CreatedAt) WHERE SentAt IS NULL;
