-- Idempotency keys of accepted requests: the same key and request gets the same answer (kept 30 days).
CREATE TABLE dbo.BulkChangeRequestKey (
    -- SHA-256 of tenant, user, route and Idempotency-Key.
    KeyHash binary(32) NOT NULL,
    -- SHA-256 of the parsed request.
    Fingerprint binary(32) NOT NULL,
    BulkChangeId bigint NOT NULL,
    -- The 202 answer as it was given, JSON.
    Answer nvarchar(max) NOT NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_BulkChangeRequestKey_CreatedAt DEFAULT SYSUTCDATETIME(),
    CONSTRAINT PK_BulkChangeRequestKey PRIMARY KEY (KeyHash)
);
