-- facts: what became of the calls? Written before anything that business data could make fail.
--
-- A decision (unknown, not sent, absent, not created, wait) carries the fence and frees the lease, so the second run of the
-- same decision finds no lease and changes nothing. A line id is no decision: it is stored whoever brings it, as long as the
-- reference is the change's and no other id is stored. A different id raises a review; so does an id for a change that
-- has ended. Nothing decides against a change whose line became known in the meantime.
-- A line is one change's: an id that another change of the account holds, or that two facts of one write name, is stored for no
-- further change. It stands in the words of the review (docs/decisions/0083). Two writers at once go one after the other: both
-- take the lock of the account's own row in RevCallBudget, which is there before any call, before they look who holds the line.
-- 'not-created' is believed only when the row itself says that it may be: settling time passed, absent for 30 s.
-- @P1 account or NULL, @P2 throttled for so many ms or NULL, @P3 why the account is stopped or NULL, @P4 the account works,
-- @P5 facts as JSON [{change, fence, reference, kind, line, error, again, counted}] (each change once), `again` in ms.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @Account int = @P1;
DECLARE @ThrottledMs int = @P2;
DECLARE @Stopped nvarchar(1000) = @P3;
DECLARE @Working bit = @P4;
DECLARE @Now datetime2(7);
DECLARE @Root int;
DECLARE @PerMinute bigint;
DECLARE @Rate bigint;
DECLARE @Least bigint;
DECLARE @PausedUntil datetime2(7);
DECLARE @Facts TABLE (
    ChangeId bigint NOT NULL PRIMARY KEY,
    Fence bigint NOT NULL,
    Reference nvarchar(60) NOT NULL,
    Kind varchar(20) NOT NULL,
    LineId bigint NULL,
    Error nvarchar(1000) NULL,
    AgainMs int NULL,
    Counted bit NOT NULL
);
DECLARE @Lines TABLE (ChangeId bigint NOT NULL PRIMARY KEY, LineId bigint NOT NULL, Account int NOT NULL);
DECLARE @Shared TABLE (ChangeId bigint NOT NULL PRIMARY KEY, OtherChangeId bigint NOT NULL);
DECLARE @Written TABLE (ChangeId bigint NOT NULL PRIMARY KEY, Ended bit NOT NULL);
DECLARE @Surplus TABLE (ChangeId bigint NOT NULL PRIMARY KEY, BulkChangeId bigint NOT NULL, Ended bit NOT NULL, Words nvarchar(1000) NOT NULL);

INSERT INTO @Facts (ChangeId, Fence, Reference, Kind, LineId, Error, AgainMs, Counted)
SELECT f.ChangeId, f.Fence, f.Reference, f.Kind, f.LineId, f.Error, f.AgainMs, f.Counted
FROM OPENJSON(@P5) WITH (
    ChangeId bigint '$.change',
    Fence bigint '$.fence',
    Reference nvarchar(60) '$.reference',
    Kind varchar(20) '$.kind',
    LineId bigint '$.line',
    Error nvarchar(1000) '$.error',
    AgainMs int '$.again',
    Counted bit '$.counted'
) AS f;

INSERT INTO @Lines (ChangeId, LineId, Account)
SELECT f.ChangeId, f.LineId, COALESCE(w.IntentIntegrationAuthenticationId, b.IntegrationAuthenticationId)
FROM @Facts AS f
INNER JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = f.ChangeId
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
WHERE f.Kind = 'line-opened'
  AND (w.IntentReference = f.Reference OR CONCAT('AMOP-', w.ChangeId) = f.Reference);

BEGIN TRANSACTION;

IF @Account IS NOT NULL AND (@ThrottledMs IS NOT NULL OR @Stopped IS NOT NULL OR @Working = 1)
BEGIN
    -- Throttled is the budget, which accounts may share; stopped is this account. Takes the lock of the budget's row until COMMIT,
    -- before that of the account's own, as the claim does.
    SET @Root = COALESCE((SELECT b.SharesBudgetOf FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Account), @Account);
    UPDATE dbo.RevCallBudget SET CallsToday = CallsToday WHERE IntegrationAuthenticationId = @Root;
    SET @Now = SYSUTCDATETIME();
    IF @ThrottledMs IS NOT NULL
    BEGIN
        SELECT
            @PerMinute = b.CallsPerMinute,
            @Rate = CASE
                WHEN b.ReducedTo IS NULL OR b.ReducedTo >= b.CallsPerMinute THEN b.CallsPerMinute
                WHEN b.ReducedAt IS NULL OR b.ReducedAt >= @Now THEN b.ReducedTo
                WHEN DATEDIFF(SECOND, b.ReducedAt, @Now) >= 1200 THEN b.CallsPerMinute
                ELSE b.ReducedTo + CAST(b.CallsPerMinute AS bigint) * DATEDIFF(SECOND, b.ReducedAt, @Now) / 1200
            END,
            @PausedUntil = DATEADD(MILLISECOND, @ThrottledMs, @Now)
        FROM dbo.RevCallBudget AS b
        WHERE b.IntegrationAuthenticationId = @Root;
        SET @Rate = CASE WHEN @Rate > @PerMinute THEN @PerMinute ELSE @Rate END / 2;
        -- Never below 5 % of the limit, nor below what one preflight needs within the horizon.
        SET @Least = CASE WHEN @PerMinute / 20 > 12 THEN @PerMinute / 20 ELSE 12 END;
        SET @Least = CASE WHEN @Least > @PerMinute THEN @PerMinute ELSE @Least END;
        SET @Rate = CASE WHEN @Rate < @Least THEN @Least ELSE @Rate END;
        -- Calls that were in the air come back within the call time-out: they pause longer, but do not halve again.
        UPDATE dbo.RevCallBudget
        SET ReducedTo = CASE WHEN ReducedAt IS NULL OR DATEADD(SECOND, 20, ReducedAt) <= @Now THEN @Rate ELSE ReducedTo END,
            ReducedAt = CASE WHEN ReducedAt IS NULL OR DATEADD(SECOND, 20, ReducedAt) <= @Now THEN @PausedUntil ELSE ReducedAt END,
            PausedUntil = CASE WHEN PausedUntil > @PausedUntil THEN PausedUntil ELSE @PausedUntil END,
            RevPausedUntil = CASE WHEN RevPausedUntil > @PausedUntil THEN RevPausedUntil ELSE @PausedUntil END
        WHERE IntegrationAuthenticationId = @Root;
    END;
    IF @Stopped IS NOT NULL
    BEGIN
        UPDATE dbo.RevCallBudget
        SET StoppedSince = COALESCE(StoppedSince, @Now),
            StoppedReason = @Stopped,
            NextProbeAt = CASE WHEN NextProbeAt > @Now THEN NextProbeAt ELSE DATEADD(MINUTE, 5, @Now) END
        WHERE IntegrationAuthenticationId = @Account;
    END;
    IF @Working = 1
    BEGIN
        UPDATE dbo.RevCallBudget
        SET StoppedSince = NULL, StoppedReason = NULL, NextProbeAt = NULL
        WHERE IntegrationAuthenticationId = @Account AND StoppedSince IS NOT NULL;
    END;
END;

-- The lock of the account for whoever stores line ids, until COMMIT; after that of the budget, as everywhere.
UPDATE b
SET CallsToday = b.CallsToday
FROM dbo.RevCallBudget AS b
WHERE b.IntegrationAuthenticationId IN (SELECT l.Account FROM @Lines AS l);

SET @Now = SYSUTCDATETIME();

-- Lines that are another change's as well, as far as anybody knows.
INSERT INTO @Shared (ChangeId, OtherChangeId)
SELECT s.ChangeId, MIN(s.OtherChangeId)
FROM (
    SELECT l.ChangeId, o.ChangeId AS OtherChangeId
    FROM @Lines AS l
    INNER JOIN dbo.DeviceChangeWork AS o ON o.RevServiceLineId = l.LineId
    WHERE o.RevServiceLineId IS NOT NULL
      AND o.IntentIntegrationAuthenticationId = l.Account
      AND o.ChangeId <> l.ChangeId
    UNION ALL
    SELECT l.ChangeId, o.ChangeId
    FROM @Lines AS l
    INNER JOIN @Lines AS o ON o.LineId = l.LineId
    WHERE o.Account = l.Account
      AND o.ChangeId <> l.ChangeId
) AS s
INNER JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = s.ChangeId
WHERE w.RevServiceLineId IS NULL
GROUP BY s.ChangeId;

-- Line ids.
UPDATE w
SET RevServiceLineId = f.LineId,
    -- An intent that was cleared comes back: intake finds a device's live line by it.
    IntentReference = COALESCE(w.IntentReference, f.Reference),
    IntentCustomer = COALESCE(w.IntentCustomer, b.RevCustomerId),
    IntentIntegrationAuthenticationId = COALESCE(w.IntentIntegrationAuthenticationId, b.IntegrationAuthenticationId),
    Step = CASE WHEN w.ClosedAt IS NULL THEN 'assign' ELSE w.Step END,
    -- Due now; if nobody goes on, the sweep sees from it since when.
    NotBefore = @Now
OUTPUT inserted.ChangeId, CASE WHEN deleted.ClosedAt IS NULL THEN 0 ELSE 1 END INTO @Written (ChangeId, Ended)
FROM dbo.DeviceChangeWork AS w
INNER JOIN @Facts AS f ON f.ChangeId = w.ChangeId
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
WHERE f.Kind = 'line-opened'
  AND w.RevServiceLineId IS NULL
  AND NOT EXISTS (SELECT 1 FROM @Shared AS x WHERE x.ChangeId = w.ChangeId)
  AND (w.IntentReference = f.Reference OR CONCAT('AMOP-', w.ChangeId) = f.Reference);

-- Ids beyond the one, ids that are another change's as well, and ids of changes that have ended: a person looks at them.
INSERT INTO @Surplus (ChangeId, BulkChangeId, Ended, Words)
SELECT
    w.ChangeId,
    w.BulkChangeId,
    CASE WHEN w.ClosedAt IS NULL THEN 0 ELSE 1 END,
    CASE
        WHEN x.ChangeId IS NOT NULL THEN CONCAT('service line ', f.LineId, ' at Rev is named for change ', x.OtherChangeId, ' as well')
        WHEN w.RevServiceLineId = f.LineId THEN CONCAT('service line ', f.LineId, ' was opened at Rev, but the change had ended')
        ELSE CONCAT('service line ', f.LineId, ' was opened at Rev beside service line ', w.RevServiceLineId)
    END
FROM dbo.DeviceChangeWork AS w
INNER JOIN @Facts AS f ON f.ChangeId = w.ChangeId
LEFT JOIN @Written AS s ON s.ChangeId = w.ChangeId
LEFT JOIN @Shared AS x ON x.ChangeId = w.ChangeId
WHERE f.Kind = 'line-opened'
  AND (w.RevServiceLineId <> f.LineId OR s.Ended = 1 OR x.ChangeId IS NOT NULL);

UPDATE w
SET ReviewSince = COALESCE(w.ReviewSince, @Now),
    LastError = s.Words,
    LeaseOwner = NULL,
    LeaseUntil = NULL
FROM dbo.DeviceChangeWork AS w
INNER JOIN @Surplus AS s ON s.ChangeId = w.ChangeId
WHERE w.ReviewSince IS NULL OR w.LastError IS NULL OR w.LastError <> s.Words;

UPDATE m
SET Status = N'API_FAILED',
    StatusDetails = CONCAT(N'billing-outcome-unknown: ', s.Words),
    HasErrors = 1,
    IsProcessed = 1,
    ProcessedDate = @Now,
    ProcessedBy = N'AltaworxDeviceBulkChange',
    ModifiedBy = N'AltaworxDeviceBulkChange',
    ModifiedDate = @Now
FROM dbo.M2M_DeviceChange AS m
INNER JOIN @Surplus AS s ON s.ChangeId = m.id
WHERE s.Ended = 0;

INSERT INTO dbo.DeviceBulkChangeLog (
    BulkChangeId, M2MDeviceChangeId, LogEntryDescription, HasErrors, ResponseStatus, ErrorText,
    ProcessedDate, ProcessedBy, CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT
    s.BulkChangeId, s.ChangeId, N'Create Rev.io Service: Rev.io API', 1, N'ERROR', s.Words,
    @Now, N'AltaworxDeviceBulkChange', N'AltaworxDeviceBulkChange', @Now, 1, 0
FROM @Surplus AS s
WHERE NOT EXISTS (SELECT 1 FROM dbo.DeviceBulkChangeLog AS l WHERE l.M2MDeviceChangeId = s.ChangeId AND l.ErrorText = s.Words);

-- Decisions of the holder of the newest fence.
UPDATE w
SET Step = CASE WHEN f.Kind = 'unknown' THEN 'settle' WHEN f.Kind = 'not-created' THEN 'open-line' ELSE w.Step END,
    Unknowns = CASE WHEN f.Kind = 'unknown' THEN w.Unknowns + 1 ELSE w.Unknowns END,
    -- What the look-ups took is nothing that the call which may be made now has tried.
    Attempts = CASE WHEN f.Kind = 'not-created' THEN 0 WHEN f.Counted = 1 THEN w.Attempts + 1 ELSE w.Attempts END,
    SettleAfter = CASE
        WHEN f.Kind = 'unknown' THEN DATEADD(SECOND, 60, CASE WHEN w.LeaseUntil > @Now THEN w.LeaseUntil ELSE @Now END)
        WHEN f.Kind = 'not-created' THEN NULL
        ELSE w.SettleAfter
    END,
    AbsentAt = CASE
        WHEN f.Kind IN ('unknown', 'not-created') THEN NULL
        WHEN f.Kind = 'still-absent' AND w.SettleAfter <= @Now THEN COALESCE(w.AbsentAt, @Now)
        ELSE w.AbsentAt
    END,
    NotBefore = CASE
        WHEN f.Kind = 'unknown' THEN DATEADD(SECOND, 60, CASE WHEN w.LeaseUntil > @Now THEN w.LeaseUntil ELSE @Now END)
        WHEN f.Kind = 'not-created' THEN @Now
        WHEN f.Kind IN ('still-absent', 'not-yet-counted') AND w.SettleAfter > @Now THEN w.SettleAfter
        ELSE DATEADD(MILLISECOND, COALESCE(f.AgainMs, 0), @Now)
    END,
    IntentReference = CASE WHEN f.Kind = 'not-created' OR (f.Kind = 'not-sent' AND w.Step = 'open-line') THEN NULL ELSE w.IntentReference END,
    IntentNumber = CASE WHEN f.Kind = 'not-created' OR (f.Kind = 'not-sent' AND w.Step = 'open-line') THEN NULL ELSE w.IntentNumber END,
    IntentCustomer = CASE WHEN f.Kind = 'not-created' OR (f.Kind = 'not-sent' AND w.Step = 'open-line') THEN NULL ELSE w.IntentCustomer END,
    IntentIntegrationAuthenticationId = CASE
        WHEN f.Kind = 'not-created' OR (f.Kind = 'not-sent' AND w.Step = 'open-line') THEN NULL
        ELSE w.IntentIntegrationAuthenticationId
    END,
    IntentAt = CASE WHEN f.Kind = 'not-created' OR (f.Kind = 'not-sent' AND w.Step = 'open-line') THEN NULL ELSE w.IntentAt END,
    LastError = COALESCE(f.Error, w.LastError),
    LeaseOwner = NULL,
    LeaseUntil = NULL
OUTPUT inserted.ChangeId, 0 INTO @Written (ChangeId, Ended)
FROM dbo.DeviceChangeWork AS w
INNER JOIN @Facts AS f ON f.ChangeId = w.ChangeId
WHERE f.Kind <> 'line-opened'
  AND w.Fence = f.Fence
  AND w.LeaseOwner IS NOT NULL
  AND w.ClosedAt IS NULL
  AND w.ReviewSince IS NULL
  AND (f.Kind = 'wait' OR w.RevServiceLineId IS NULL)
  AND (f.Kind <> 'not-created'
       OR (w.Step = 'settle' AND w.SettleAfter <= @Now AND w.AbsentAt <= DATEADD(SECOND, -30, @Now)));

COMMIT TRANSACTION;

SELECT
    f.ChangeId,
    CASE
        WHEN x.ChangeId IS NOT NULL THEN 'second-line'
        WHEN s.ChangeId IS NOT NULL THEN 'stored'
        WHEN f.Kind = 'line-opened' AND w.RevServiceLineId = f.LineId THEN 'stored'
        ELSE 'stale'
    END AS Result
FROM @Facts AS f
LEFT JOIN @Written AS s ON s.ChangeId = f.ChangeId
LEFT JOIN @Surplus AS x ON x.ChangeId = f.ChangeId
LEFT JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = f.ChangeId
ORDER BY f.ChangeId;
