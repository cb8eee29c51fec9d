-- settle: writes what a person decided about changes in review.
--
-- The UPDATE of the work row repeats what the person was shown (fence, line, words): a line that became known in between, a second
-- person or a second run change nothing, and are told. The fence grows, so whatever an old holder still brings is stale; a line id
-- that still comes is stored by facts.sql all the same, or raises a review when another one is stored by then.
-- The lock of the bulk change comes first, as in finish.sql: who reopens and who finishes go one after the other.
-- @P1 decisions as JSON [{change, decision, line, fence, knownLine, words}], @P2 who, @P3 why.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @By nvarchar(50) = @P2;
DECLARE @Reason nvarchar(1000) = @P3;
DECLARE @Now datetime2(3);
DECLARE @Decided TABLE (
    ChangeId bigint NOT NULL PRIMARY KEY,
    Decision varchar(20) NOT NULL,
    LineId bigint NULL,
    Fence bigint NOT NULL,
    KnownLine bigint NULL,
    Words nvarchar(1000) NULL
);
DECLARE @Settled TABLE (
    ChangeId bigint NOT NULL PRIMARY KEY,
    BulkChangeId bigint NOT NULL,
    Decision varchar(20) NOT NULL,
    KnownLine bigint NULL,
    LineId bigint NULL
);

INSERT INTO @Decided (ChangeId, Decision, LineId, Fence, KnownLine, Words)
SELECT d.ChangeId, d.Decision, d.LineId, d.Fence, d.KnownLine, d.Words
FROM OPENJSON(@P1) WITH (
    ChangeId bigint '$.change',
    Decision varchar(20) '$.decision',
    LineId bigint '$.line',
    Fence bigint '$.fence',
    KnownLine bigint '$.knownLine',
    Words nvarchar(1000) '$.words'
) AS d;

BEGIN TRANSACTION;

-- Takes the locks of the bulk changes until COMMIT.
UPDATE b
SET FinishedAt = b.FinishedAt
FROM dbo.BulkChangeWork AS b
WHERE b.BulkChangeId IN (
    SELECT w.BulkChangeId FROM dbo.DeviceChangeWork AS w INNER JOIN @Decided AS d ON d.ChangeId = w.ChangeId);

SET @Now = SYSUTCDATETIME();

UPDATE w
SET ReviewSince = NULL,
    Fence = w.Fence + 1,
    LeaseOwner = NULL,
    LeaseUntil = NULL,
    NotBefore = NULL,
    -- The next sweep offers what is open again.
    OfferedAt = NULL,
    Step = CASE d.Decision
        WHEN 'adopt' THEN 'assign'
        WHEN 'not-created' THEN 'open-line'
        WHEN 'give-up' THEN 'done'
        ELSE w.Step
    END,
    RevServiceLineId = CASE WHEN d.Decision = 'adopt' THEN d.LineId ELSE w.RevServiceLineId END,
    -- Intake finds a device's live line by the intent; without one the change may be sent again.
    IntentReference = CASE d.Decision
        WHEN 'adopt' THEN COALESCE(w.IntentReference, CONCAT('AMOP-', w.ChangeId))
        WHEN 'not-created' THEN NULL
        ELSE w.IntentReference
    END,
    IntentNumber = CASE WHEN d.Decision = 'not-created' THEN NULL ELSE w.IntentNumber END,
    IntentCustomer = CASE d.Decision
        WHEN 'adopt' THEN COALESCE(w.IntentCustomer, b.RevCustomerId)
        WHEN 'not-created' THEN NULL
        ELSE w.IntentCustomer
    END,
    IntentIntegrationAuthenticationId = CASE d.Decision
        WHEN 'adopt' THEN COALESCE(w.IntentIntegrationAuthenticationId, b.IntegrationAuthenticationId)
        WHEN 'not-created' THEN NULL
        ELSE w.IntentIntegrationAuthenticationId
    END,
    IntentAt = CASE WHEN d.Decision = 'not-created' THEN NULL ELSE w.IntentAt END,
    SettleAfter = CASE WHEN d.Decision = 'not-created' THEN NULL ELSE w.SettleAfter END,
    AbsentAt = CASE WHEN d.Decision = 'not-created' THEN NULL ELSE w.AbsentAt END,
    -- One lost call is remembered: a refusal of the next call is looked up before anything ends (docs/decisions/0006).
    Unknowns = CASE WHEN d.Decision = 'not-created' AND w.Unknowns > 1 THEN 1 ELSE w.Unknowns END,
    Attempts = CASE WHEN d.Decision IN ('adopt', 'not-created') THEN 0 ELSE w.Attempts END,
    LastError = CASE WHEN d.Decision IN ('adopt', 'not-created') THEN NULL ELSE w.LastError END,
    ClosedAt = CASE WHEN d.Decision = 'give-up' THEN @Now ELSE w.ClosedAt END
OUTPUT inserted.ChangeId, inserted.BulkChangeId, d.Decision, deleted.RevServiceLineId, inserted.RevServiceLineId
INTO @Settled (ChangeId, BulkChangeId, Decision, KnownLine, LineId)
FROM dbo.DeviceChangeWork AS w
INNER JOIN @Decided AS d ON d.ChangeId = w.ChangeId
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
WHERE w.ReviewSince IS NOT NULL
  AND w.Fence = d.Fence
  AND (w.RevServiceLineId = d.KnownLine OR (w.RevServiceLineId IS NULL AND d.KnownLine IS NULL))
  AND COALESCE(w.LastError, N'') = COALESCE(d.Words, N'')
  AND ((d.Decision = 'acknowledge' AND w.ClosedAt IS NOT NULL)
       OR (d.Decision = 'give-up' AND w.ClosedAt IS NULL)
       OR (d.Decision = 'not-created' AND w.ClosedAt IS NULL AND w.RevServiceLineId IS NULL)
       OR (d.Decision = 'adopt' AND w.ClosedAt IS NULL AND d.LineId IS NOT NULL));

-- Open again: the change goes on, and the bulk change ends once more when it has.
UPDATE m
SET Status = N'PENDING',
    StatusDetails = NULL,
    IsProcessed = 0,
    HasErrors = 0,
    ProcessedDate = NULL,
    ProcessedBy = NULL,
    ModifiedBy = @By,
    ModifiedDate = @Now
FROM dbo.M2M_DeviceChange AS m
INNER JOIN @Settled AS s ON s.ChangeId = m.id
WHERE s.Decision IN ('adopt', 'not-created');

UPDATE m
SET StatusDetails = CONCAT(
        m.StatusDetails, N'; given up by ', @By, N': ', @Reason,
        CASE WHEN s.LineId IS NULL THEN N'' ELSE CONCAT(N'; service line ', s.LineId, N' must be disconnected at Rev') END),
    ModifiedBy = @By,
    ModifiedDate = @Now
FROM dbo.M2M_DeviceChange AS m
INNER JOIN @Settled AS s ON s.ChangeId = m.id
WHERE s.Decision = 'give-up';

UPDATE d
SET Status = N'PROCESSING', ProcessedDate = NULL, ProcessedBy = NULL, ModifiedBy = @By, ModifiedDate = @Now
FROM dbo.DeviceBulkChange AS d
WHERE d.id IN (SELECT s.BulkChangeId FROM @Settled AS s WHERE s.Decision IN ('adopt', 'not-created'));

UPDATE b
SET FinishedAt = NULL
FROM dbo.BulkChangeWork AS b
WHERE b.BulkChangeId IN (SELECT s.BulkChangeId FROM @Settled AS s WHERE s.Decision IN ('adopt', 'not-created'));

INSERT INTO dbo.DeviceBulkChangeLog (
    BulkChangeId, M2MDeviceChangeId, LogEntryDescription, RequestText, HasErrors, ResponseStatus, ResponseText,
    ProcessedDate, ProcessedBy, CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT
    s.BulkChangeId, s.ChangeId, CONCAT(N'Review settled: ', s.Decision), @Reason, 0, N'PROCESSED',
    CASE
        WHEN s.Decision = 'adopt' AND s.KnownLine <> s.LineId THEN CONCAT(N'service line ', s.LineId, N' instead of service line ', s.KnownLine)
        WHEN s.LineId IS NOT NULL THEN CONCAT(N'service line ', s.LineId)
    END,
    @Now, N'ops', @By, @Now, 1, 0
FROM @Settled AS s;

COMMIT TRANSACTION;

SELECT d.ChangeId, CAST(CASE WHEN s.ChangeId IS NULL THEN 0 ELSE 1 END AS bit) AS Settled
FROM @Decided AS d
LEFT JOIN @Settled AS s ON s.ChangeId = d.ChangeId
ORDER BY d.ChangeId;
