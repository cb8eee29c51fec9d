-- Records an accepted request, whole or not at all: key, bulk change, a change row per device, the work to do, the messages.
-- @P1 tenant, @P2 actor, @P3 service provider, @P4 account number, @P5 integration authentication, @P6 Site,
-- @P7 create Rev service, @P8 options as JSON, @P9 devices as JSON, @P10 key, @P11 fingerprint, @P12 answer,
-- @P13 calls a minute, @P14 calls a day, @P15 burst, @P16 trace.
-- Run twice at once with the same key, the second waits for the first at the key row and gets 2627 (or 1222 when that takes
-- too long). Run twice at once with the same device, one of the two gets 2601 on UX_DeviceChangeWork_Unfinished.
SET XACT_ABORT ON;
SET NOCOUNT ON;
IF @P10 IS NOT NULL SET LOCK_TIMEOUT 10000;
BEGIN TRANSACTION;

-- First of all, so that a twin stops here. The bulk change has no id yet.
IF @P10 IS NOT NULL
BEGIN
    INSERT INTO dbo.BulkChangeRequestKey (KeyHash, Fingerprint, BulkChangeId, Answer) VALUES (@P10, @P11, 0, @P12);
    SET LOCK_TIMEOUT -1;
END;

-- The call budget, before any row that a claim counts: everybody takes the lock of the budget first. Accounts with one client code
-- of Rev share the budget of the lowest of them, the root, whose row comes first. A root that is new gets an empty row here; before it
-- gives a slot, the claim has it take over what came before (docs/decisions/0073). Two first requests of an account at once: one gets
-- 2627 on PK_RevCallBudget and is run again.
DECLARE @root int;
DECLARE @code nvarchar(250);
SET @code = COALESCE((SELECT LTRIM(RTRIM(a.OAuth2_ClientId)) FROM dbo.Integration_Authentication AS a WHERE a.id = @P5), N'');
SET @root = COALESCE((
    SELECT MIN(o.id)
    FROM dbo.Integration_Authentication AS a
    INNER JOIN dbo.Integration_Authentication AS o ON o.IntegrationId = a.IntegrationId
    WHERE a.id = @P5
      AND (o.id = a.id
           OR (LTRIM(RTRIM(a.OAuth2_ClientId)) <> N'' AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))))), @P5);
INSERT INTO dbo.RevCallBudget (IntegrationAuthenticationId, ClientCode, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, Today, CallsToday)
SELECT @root, @code, SYSUTCDATETIME(), @P13, @P14, @P15, CAST(SYSUTCDATETIME() AS date), 0
WHERE @P7 = 1 AND NOT EXISTS (SELECT 1 FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @root);
INSERT INTO dbo.RevCallBudget (
    IntegrationAuthenticationId, SharesBudgetOf, ClientCode, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, Today, CallsToday)
SELECT @P5, @root, @code, SYSUTCDATETIME(), @P13, @P14, @P15, CAST(SYSUTCDATETIME() AS date), 0
WHERE @P7 = 1 AND @root <> @P5 AND NOT EXISTS (SELECT 1 FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @P5);

INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, SiteId, Status, CreatedBy, CreatedDate, IsActive, IsDeleted)
VALUES (4, @P3, @P1, @P6, N'NEW', @P2, SYSUTCDATETIME(), 1, 0);
DECLARE @bulkChange bigint;
SET @bulkChange = CAST(SCOPE_IDENTITY() AS bigint);

IF @P10 IS NOT NULL
BEGIN
    UPDATE dbo.BulkChangeRequestKey SET BulkChangeId = @bulkChange WHERE KeyHash = @P10;
END;

DECLARE @devices TABLE (
    Place int NOT NULL PRIMARY KEY,
    Iccid nvarchar(50) NOT NULL UNIQUE,
    Msisdn nvarchar(50) NULL,
    DeviceId int NULL,
    -- NULL: refused.
    Chunk int NULL,
    ChangeRequest nvarchar(max) NULL,
    Details nvarchar(max) NULL
);
INSERT INTO @devices (Place, Iccid, Msisdn, DeviceId, Chunk, ChangeRequest, Details)
SELECT j.Place, j.Iccid, j.Msisdn, j.DeviceId, j.Chunk, j.ChangeRequest, j.Details
FROM OPENJSON(@P9) WITH (
    Place int '$.place',
    Iccid nvarchar(50) '$.iccid',
    Msisdn nvarchar(50) '$.msisdn',
    DeviceId int '$.id',
    Chunk int '$.chunk',
    ChangeRequest nvarchar(max) '$.change',
    Details nvarchar(max) '$.details'
) AS j;

-- Accepted devices wait; refused ones are processed already, with the reason.
INSERT INTO dbo.M2M_DeviceChange (
    BulkChangeId, ICCID, MSISDN, DeviceId, ChangeRequest, IsProcessed, HasErrors, Status, StatusDetails, ProcessedDate, ProcessedBy,
    CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT
    @bulkChange,
    d.Iccid,
    d.Msisdn,
    d.DeviceId,
    d.ChangeRequest,
    CASE WHEN d.Chunk IS NULL THEN 1 ELSE 0 END,
    CASE WHEN d.Chunk IS NULL THEN 1 ELSE 0 END,
    CASE WHEN d.Chunk IS NULL THEN N'ERROR' ELSE N'PENDING' END,
    d.Details,
    CASE WHEN d.Chunk IS NULL THEN SYSUTCDATETIME() END,
    CASE WHEN d.Chunk IS NULL THEN @P2 END,
    @P2,
    SYSUTCDATETIME(),
    1,
    0
FROM @devices AS d
ORDER BY d.Place;

INSERT INTO dbo.DeviceBulkChangeLog (
    BulkChangeId, M2MDeviceChangeId, LogEntryDescription, HasErrors, ResponseStatus, ResponseText, ErrorText, ProcessedDate, ProcessedBy,
    CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT
    @bulkChange, m.id, N'AMOP Customer Assignment', 1, N'ERROR', N'Preflight Check Failure', d.Details, SYSUTCDATETIME(), @P2,
    @P2, SYSUTCDATETIME(), 1, 0
FROM dbo.M2M_DeviceChange AS m
INNER JOIN @devices AS d ON d.Iccid = m.ICCID
WHERE m.BulkChangeId = @bulkChange AND d.Chunk IS NULL
ORDER BY m.id;

INSERT INTO dbo.BulkChangeWork (BulkChangeId, TenantId, IntegrationAuthenticationId, RevCustomerId, CreateRevService, Options, Preflight, TraceId)
VALUES (@bulkChange, @P1, @P5, @P4, @P7, @P8, CASE WHEN @P7 = 1 THEN 'open' ELSE 'not-needed' END, @P16);

-- The rows are offered by the messages below.
INSERT INTO dbo.DeviceChangeWork (ChangeId, BulkChangeId, TenantId, DeviceId, Chunk, Step, OfferedAt)
SELECT m.id, @bulkChange, @P1, d.DeviceId, d.Chunk, CASE WHEN @P7 = 1 THEN 'open-line' ELSE 'assign' END, SYSUTCDATETIME()
FROM dbo.M2M_DeviceChange AS m
INNER JOIN @devices AS d ON d.Iccid = m.ICCID
WHERE m.BulkChangeId = @bulkChange AND d.Chunk IS NOT NULL
ORDER BY m.id;

-- One message per chunk. The caller sends them at once; the sweep sends what is left a minute later.
DECLARE @messages TABLE (Id bigint NOT NULL PRIMARY KEY, Payload nvarchar(max) NOT NULL);
INSERT INTO dbo.BulkChangeOutbox (Kind, BulkChangeId, Payload, NextAttemptAt)
OUTPUT inserted.Id, inserted.Payload INTO @messages (Id, Payload)
SELECT
    'chunk',
    @bulkChange,
    CONCAT(N'{"bulkChangeId":', @bulkChange, N',"chunk":', c.Chunk, N',"tenantId":', @P1, N'}'),
    DATEADD(second, 60, SYSUTCDATETIME())
FROM (SELECT DISTINCT d.Chunk FROM @devices AS d WHERE d.Chunk IS NOT NULL) AS c
ORDER BY c.Chunk;

COMMIT TRANSACTION;

SELECT @bulkChange AS BulkChangeId;
SELECT m.Id, m.Payload FROM @messages AS m ORDER BY m.Id;
