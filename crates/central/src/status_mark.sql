-- Answers: has anything about a bulk change moved? Asked about once a second by whoever waits for it, so each of its three
-- questions reads one covering index from one end of the bulk change to the other: a few milliseconds for 10,000 devices.
-- What is not in it (a page's texts, a pause of the account) shows when the wait ends, because the whole status is read then.
-- @P1 tenant, @P2 bulk change. Safe to run twice at once: it only reads.
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint;
SET @BulkChangeId = (SELECT b.id FROM dbo.DeviceBulkChange AS b WHERE b.id = @P2 AND b.TenantId = @P1);

-- 1: the bulk change and the one that followed it
SELECT b.Status, b.ModifiedDate, w.FinishedAt, linked.Status AS LinkedStatus
FROM dbo.DeviceBulkChange AS b
LEFT JOIN dbo.BulkChangeWork AS w ON w.BulkChangeId = b.id
LEFT JOIN dbo.DeviceBulkChange AS linked ON linked.id = w.LinkedBulkChangeId
WHERE b.id = @BulkChangeId;

-- 2: its devices
SELECT
    COUNT_BIG(*) AS Devices,
    CAST(COALESCE(SUM(CASE WHEN m.IsProcessed = 1 THEN 1 ELSE 0 END), 0) AS bigint) AS Ended,
    CAST(COALESCE(SUM(CASE WHEN m.HasErrors = 1 THEN 1 ELSE 0 END), 0) AS bigint) AS Failed,
    CAST(COALESCE(SUM(CASE WHEN m.Status = N'PROCESSING' THEN 1 ELSE 0 END), 0) AS bigint) AS Begun
FROM dbo.M2M_DeviceChange AS m
WHERE m.BulkChangeId = @BulkChangeId;

-- 3: its open work
SELECT
    COUNT_BIG(*) AS OpenRows,
    CAST(COALESCE(SUM(CASE WHEN q.LeaseUntil > SYSUTCDATETIME() THEN 1 ELSE 0 END), 0) AS bigint) AS InWork,
    CAST(COALESCE(SUM(CASE WHEN q.ReviewSince IS NOT NULL THEN 1 ELSE 0 END), 0) AS bigint) AS InReview
FROM dbo.DeviceChangeWork AS q
WHERE q.BulkChangeId = @BulkChangeId AND q.ClosedAt IS NULL;
