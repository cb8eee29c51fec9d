-- enroll: takes the rows of a bulk change that another producer wrote, whole or not at all: a work row for each that is
-- accepted, the reason for each that is not, the messages.
--
-- The row of the bulk change comes first, so that of two at once one waits (or gets 2627 and begins again). Only rows that are
-- still unprocessed and without a work row take part, so a second run finds nothing and changes nothing. A device that another
-- bulk change has taken since the check is 2601 on UX_DeviceChangeWork_Unfinished; the caller asks again.
-- Rows that ask for a service line begin at the look-up, a minute from now: the old system may have opened the line just now.
-- Customer, account and options of the bulk change are fixed by the first enrolment that accepts a row; until then each one that
-- knows a customer says anew whose it is. Rows that were judged before another enrolment fixed it are left alone: judge them again.
-- @P1 bulk change, @P2 tenant, @P3 account or NULL, @P4 account number or NULL, @P5 options as JSON,
-- @P6 rows as JSON [{change, device, chunk (from 0; NULL: refused), service, request, details}],
-- @P7 whether it was fixed already when the rows were read, @P8 trace; the first one stays.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint = @P1;
DECLARE @TenantId int = @P2;
DECLARE @By nvarchar(50) = N'AltaworxDeviceBulkChange';
DECLARE @Now datetime2(3) = SYSUTCDATETIME();
DECLARE @FirstChunk int = 0;
DECLARE @Fixed bit = 0;
DECLARE @Again bit = 0;
DECLARE @Rows TABLE (
    ChangeId bigint NOT NULL PRIMARY KEY,
    DeviceId int NULL,
    Chunk int NULL,
    Service bit NOT NULL,
    ChangeRequest nvarchar(max) NULL,
    Details nvarchar(max) NULL
);
DECLARE @Free TABLE (ChangeId bigint NOT NULL PRIMARY KEY, Chunk int NULL, Service bit NOT NULL);
DECLARE @Messages TABLE (Id bigint NOT NULL PRIMARY KEY, Payload nvarchar(max) NOT NULL);

INSERT INTO @Rows (ChangeId, DeviceId, Chunk, Service, ChangeRequest, Details)
SELECT j.ChangeId, j.DeviceId, j.Chunk, j.Service, j.ChangeRequest, j.Details
FROM OPENJSON(@P6) WITH (
    ChangeId bigint '$.change',
    DeviceId int '$.device',
    Chunk int '$.chunk',
    Service bit '$.service',
    ChangeRequest nvarchar(max) '$.request',
    Details nvarchar(max) '$.details'
) AS j;

BEGIN TRANSACTION;

-- Where no row names a usable customer there is no account: 0 and empty stand for that.
INSERT INTO dbo.BulkChangeWork (
    BulkChangeId, TenantId, IntegrationAuthenticationId, RevCustomerId, CreateRevService, Options, Preflight, Producer, TraceId)
SELECT @BulkChangeId, @TenantId, COALESCE(@P3, 0), COALESCE(@P4, ''), 0, @P5, 'not-needed', 'other', @P8
WHERE NOT EXISTS (SELECT 1 FROM dbo.BulkChangeWork AS b WHERE b.BulkChangeId = @BulkChangeId);

-- The lock of the bulk change until COMMIT, for whoever finds the row there.
UPDATE dbo.BulkChangeWork SET TenantId = TenantId WHERE BulkChangeId = @BulkChangeId;
SET @Now = SYSUTCDATETIME();
IF EXISTS (SELECT 1 FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = @BulkChangeId)
BEGIN
    SET @Fixed = 1;
END;

INSERT INTO @Free (ChangeId, Chunk, Service)
SELECT r.ChangeId, r.Chunk, r.Service
FROM @Rows AS r
INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = r.ChangeId
WHERE m.BulkChangeId = @BulkChangeId
  AND m.IsProcessed = 0
  AND NOT EXISTS (SELECT 1 FROM dbo.DeviceChangeWork AS w WHERE w.ChangeId = r.ChangeId);

IF @Fixed = 1 AND @P7 = 0 AND EXISTS (SELECT 1 FROM @Free AS f)
BEGIN
    SET @Again = 1;
    DELETE FROM @Free;
END;

-- Rows that came after an earlier enrolment: the bulk change is open again, and Rev is asked again before a line is opened.
UPDATE dbo.BulkChangeWork
SET FinishedAt = NULL,
    IntegrationAuthenticationId = CASE WHEN @Fixed = 1 THEN IntegrationAuthenticationId ELSE COALESCE(@P3, IntegrationAuthenticationId) END,
    RevCustomerId = CASE WHEN @Fixed = 1 THEN RevCustomerId ELSE COALESCE(@P4, RevCustomerId) END,
    Options = CASE WHEN @Fixed = 1 THEN Options ELSE @P5 END
WHERE BulkChangeId = @BulkChangeId
  AND EXISTS (SELECT 1 FROM @Free AS f);
UPDATE dbo.BulkChangeWork
SET CreateRevService = 1,
    Preflight = 'open',
    PreflightLeaseOwner = NULL,
    PreflightLeaseUntil = NULL,
    PreflightNotBefore = NULL,
    PreflightDetails = NULL
WHERE BulkChangeId = @BulkChangeId
  AND Preflight IN ('not-needed', 'refused')
  AND EXISTS (SELECT 1 FROM @Free AS f WHERE f.Chunk IS NOT NULL AND f.Service = 1);

SET @FirstChunk = COALESCE((
    SELECT MAX(w.Chunk) + 1 FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = @BulkChangeId), 0);
INSERT INTO dbo.DeviceChangeWork (
    ChangeId, BulkChangeId, TenantId, DeviceId, Chunk, Step, NotBefore, SettleAfter, OfferedAt, ChangeRequest)
SELECT
    f.ChangeId,
    @BulkChangeId,
    @TenantId,
    r.DeviceId,
    @FirstChunk + f.Chunk,
    CASE WHEN f.Service = 1 THEN 'settle' ELSE 'assign' END,
    CASE WHEN f.Service = 1 THEN DATEADD(SECOND, 60, @Now) END,
    CASE WHEN f.Service = 1 THEN DATEADD(SECOND, 60, @Now) END,
    @Now,
    r.ChangeRequest
FROM @Free AS f
INNER JOIN @Rows AS r ON r.ChangeId = f.ChangeId
WHERE f.Chunk IS NOT NULL
ORDER BY f.ChangeId;

UPDATE m
SET DeviceId = COALESCE(r.DeviceId, m.DeviceId),
    Status = CASE WHEN f.Chunk IS NULL THEN N'ERROR' ELSE m.Status END,
    StatusDetails = CASE WHEN f.Chunk IS NULL THEN r.Details ELSE m.StatusDetails END,
    IsProcessed = CASE WHEN f.Chunk IS NULL THEN 1 ELSE 0 END,
    HasErrors = CASE WHEN f.Chunk IS NULL THEN 1 ELSE 0 END,
    ProcessedDate = CASE WHEN f.Chunk IS NULL THEN @Now END,
    ProcessedBy = CASE WHEN f.Chunk IS NULL THEN @By END,
    ModifiedBy = @By,
    ModifiedDate = @Now
FROM dbo.M2M_DeviceChange AS m
INNER JOIN @Free AS f ON f.ChangeId = m.id
INNER JOIN @Rows AS r ON r.ChangeId = f.ChangeId;

INSERT INTO dbo.DeviceBulkChangeLog (
    BulkChangeId, M2MDeviceChangeId, LogEntryDescription, HasErrors, ResponseStatus, ResponseText, ErrorText,
    ProcessedDate, ProcessedBy, CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT
    @BulkChangeId, f.ChangeId, N'AMOP Customer Assignment', 1, N'ERROR', N'Preflight Check Failure', r.Details,
    @Now, @By, @By, @Now, 1, 0
FROM @Free AS f
INNER JOIN @Rows AS r ON r.ChangeId = f.ChangeId
WHERE f.Chunk IS NULL
ORDER BY f.ChangeId;

-- A bulk change that had ended and goes on.
UPDATE dbo.DeviceBulkChange
SET Status = N'PROCESSING', ModifiedBy = @By, ModifiedDate = @Now
WHERE id = @BulkChangeId
  AND Status IN (N'PROCESSED', N'ERROR', N'API_FAILED')
  AND EXISTS (SELECT 1 FROM @Free AS f WHERE f.Chunk IS NOT NULL);

INSERT INTO dbo.BulkChangeOutbox (Kind, BulkChangeId, Payload, NextAttemptAt)
OUTPUT inserted.Id, inserted.Payload INTO @Messages (Id, Payload)
SELECT
    'chunk',
    @BulkChangeId,
    CONCAT(N'{"bulkChangeId":', @BulkChangeId, N',"chunk":', @FirstChunk + c.Chunk, N',"tenantId":', @TenantId, N'}'),
    DATEADD(SECOND, 60, @Now)
FROM (SELECT DISTINCT f.Chunk FROM @Free AS f WHERE f.Chunk IS NOT NULL) AS c
ORDER BY c.Chunk;

COMMIT TRANSACTION;

SELECT
    @Again AS Again,
    (SELECT COUNT(*) FROM @Free AS f WHERE f.Chunk IS NOT NULL) AS Accepted,
    (SELECT COUNT(*) FROM @Free AS f WHERE f.Chunk IS NULL) AS Refused,
    (SELECT b.Preflight FROM dbo.BulkChangeWork AS b WHERE b.BulkChangeId = @BulkChangeId) AS Preflight;
SELECT m.Id, m.Payload FROM @Messages AS m ORDER BY m.Id;
