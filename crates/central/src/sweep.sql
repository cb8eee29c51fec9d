-- sweep: what was left behind by a lost message, a crash or a closed queue?
--
-- Every row taken up is marked by the UPDATE that finds it, so two sweeps at once hand out different rows. Run again after an
-- unknown outcome it finds less; what the lost run took comes up again by itself. A chunk is offered when a due row of it was
-- not offered for 5 minutes, or is due for 30 s (its lease or that of the preflight ran out, its waiting time passed) and was not
-- offered since.
-- Messages that nobody is configured to take are left alone, so that they are there when somebody is.
-- Beside it: how everything stands, for the metrics. Each number is read off an index of just the rows that it counts.
-- @P1 rows of each kind at most, @P2 somebody takes notices, @P3 somebody takes carrier plan changes.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @Most int = @P1;
DECLARE @Notices bit = @P2;
DECLARE @CarrierChanges bit = @P3;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
DECLARE @Chunks TABLE (BulkChangeId bigint NOT NULL, Chunk int NOT NULL, PRIMARY KEY (BulkChangeId, Chunk));
DECLARE @Offered TABLE (BulkChangeId bigint NOT NULL, Chunk int NOT NULL, TenantId int NOT NULL);
DECLARE @Due TABLE (Id bigint NOT NULL PRIMARY KEY, Kind varchar(20) NOT NULL, BulkChangeId bigint NOT NULL, Payload nvarchar(max) NOT NULL);

INSERT INTO @Chunks (BulkChangeId, Chunk)
SELECT TOP (@Most) w.BulkChangeId, w.Chunk
FROM dbo.DeviceChangeWork AS w
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
WHERE w.ClosedAt IS NULL
  AND w.ReviewSince IS NULL
  AND (w.NotBefore IS NULL OR w.NotBefore <= @Now)
  AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now)
  AND (w.OfferedAt IS NULL
       OR w.OfferedAt <= DATEADD(MINUTE, -5, @Now)
       OR (w.LeaseUntil <= DATEADD(SECOND, -30, @Now) AND w.OfferedAt < w.LeaseUntil)
       OR (w.NotBefore <= DATEADD(SECOND, -30, @Now) AND w.OfferedAt < w.NotBefore)
       OR (b.Preflight = 'open' AND b.PreflightLeaseUntil <= DATEADD(SECOND, -30, @Now) AND w.OfferedAt < b.PreflightLeaseUntil)
       OR (b.Preflight = 'open' AND b.PreflightNotBefore <= DATEADD(SECOND, -30, @Now) AND w.OfferedAt < b.PreflightNotBefore))
GROUP BY w.BulkChangeId, w.Chunk
ORDER BY w.BulkChangeId, w.Chunk;

BEGIN TRANSACTION;

UPDATE w
SET OfferedAt = @Now
OUTPUT inserted.BulkChangeId, inserted.Chunk, inserted.TenantId INTO @Offered (BulkChangeId, Chunk, TenantId)
FROM dbo.DeviceChangeWork AS w
INNER JOIN @Chunks AS c ON c.BulkChangeId = w.BulkChangeId AND c.Chunk = w.Chunk
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
WHERE w.ClosedAt IS NULL
  AND w.ReviewSince IS NULL
  AND (w.NotBefore IS NULL OR w.NotBefore <= @Now)
  AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now)
  AND (w.OfferedAt IS NULL
       OR w.OfferedAt <= DATEADD(MINUTE, -5, @Now)
       OR (w.LeaseUntil <= DATEADD(SECOND, -30, @Now) AND w.OfferedAt < w.LeaseUntil)
       OR (w.NotBefore <= DATEADD(SECOND, -30, @Now) AND w.OfferedAt < w.NotBefore)
       OR (b.Preflight = 'open' AND b.PreflightLeaseUntil <= DATEADD(SECOND, -30, @Now) AND w.OfferedAt < b.PreflightLeaseUntil)
       OR (b.Preflight = 'open' AND b.PreflightNotBefore <= DATEADD(SECOND, -30, @Now) AND w.OfferedAt < b.PreflightNotBefore));

-- 30 s, 1, 2, 4, 8 and then 15 minutes until the next attempt.
UPDATE TOP (@Most) o
SET Attempts = o.Attempts + 1,
    NextAttemptAt = DATEADD(SECOND, CASE o.Attempts WHEN 0 THEN 30 WHEN 1 THEN 60 WHEN 2 THEN 120 WHEN 3 THEN 240 WHEN 4 THEN 480 ELSE 900 END, @Now)
OUTPUT inserted.Id, inserted.Kind, inserted.BulkChangeId, inserted.Payload INTO @Due (Id, Kind, BulkChangeId, Payload)
FROM dbo.BulkChangeOutbox AS o
WHERE o.SentAt IS NULL
  AND o.NextAttemptAt <= @Now
  AND (o.Kind = 'chunk' OR (o.Kind = 'notice' AND @Notices = 1) OR (o.Kind = 'carrier' AND @CarrierChanges = 1));

-- A finished bulk change whose status another producer overwrote afterwards, with whatever it was (docs/decisions/0093).
UPDATE d
SET Status = f.Status, ModifiedBy = N'AltaworxDeviceBulkChange', ModifiedDate = @Now
FROM dbo.DeviceBulkChange AS d
INNER JOIN (
    SELECT
        b.BulkChangeId,
        CASE
            WHEN EXISTS (SELECT 1 FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = b.BulkChangeId AND m.Status = N'PROCESSED') THEN N'PROCESSED'
            ELSE N'ERROR'
        END AS Status
    FROM dbo.BulkChangeWork AS b
    WHERE b.FinishedAt >= DATEADD(DAY, -7, @Now)
) AS f ON f.BulkChangeId = d.id
WHERE d.Status <> f.Status;

DELETE TOP (1000) FROM dbo.BulkChangeRequestKey WHERE CreatedAt < DATEADD(DAY, -30, @Now);

COMMIT TRANSACTION;

SELECT DISTINCT o.BulkChangeId, o.Chunk, o.TenantId, b.TraceId
FROM @Offered AS o
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = o.BulkChangeId
ORDER BY o.BulkChangeId, o.Chunk;

SELECT d.Id, d.Kind, d.BulkChangeId, d.Payload, b.TraceId
FROM @Due AS d
LEFT JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = d.BulkChangeId
ORDER BY d.Id;

SELECT TOP (@Most) b.BulkChangeId, b.TraceId
FROM dbo.BulkChangeWork AS b
WHERE b.FinishedAt IS NULL
  AND NOT EXISTS (
      SELECT 1 FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = b.BulkChangeId AND w.ClosedAt IS NULL AND w.ReviewSince IS NULL)
ORDER BY b.BulkChangeId;

-- Accounts that share a budget are one: the pause is the budget's own, a stop belongs to a row that shares one as well.
SELECT
    COALESCE((
        SELECT DATEDIFF_BIG(SECOND, MIN(o.CreatedAt), @Now)
        FROM dbo.BulkChangeOutbox AS o
        WHERE o.SentAt IS NULL
          AND (o.Kind = 'chunk' OR (o.Kind = 'notice' AND @Notices = 1) OR (o.Kind = 'carrier' AND @CarrierChanges = 1))), 0) AS OutboxAge,
    (SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork AS w WHERE w.ClosedAt IS NULL AND w.ReviewSince IS NULL) AS DevicesWaiting,
    (SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork AS w WHERE w.ReviewSince IS NOT NULL) AS ChangesInReview,
    (SELECT COUNT_BIG(*) FROM dbo.RevCallBudget AS r WHERE r.SharesBudgetOf IS NULL AND r.PausedUntil > @Now) AS AccountsPaused,
    (SELECT COUNT_BIG(DISTINCT COALESCE(r.SharesBudgetOf, r.IntegrationAuthenticationId))
     FROM dbo.RevCallBudget AS r
     WHERE r.StoppedSince IS NOT NULL) AS AccountsStopped,
    COALESCE((
        SELECT MAX(CAST(r.CallsToday AS float) * 100 / r.CallsPerDay)
        FROM dbo.RevCallBudget AS r
        WHERE r.SharesBudgetOf IS NULL AND r.Today = CAST(@Now AS date) AND r.CallsPerDay > 0), 0) AS BudgetUsed;
