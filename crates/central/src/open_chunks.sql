-- open_chunks: which chunks of this bulk change still hold open rows? For a message that names the bulk change as a whole.
-- Safe to run twice at once: it only marks the rows as offered, because the caller offers the chunks at once.
-- @P1 bulk change.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint = @P1;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
DECLARE @Offered TABLE (Chunk int NOT NULL, TenantId int NOT NULL);

UPDATE w
SET OfferedAt = @Now
OUTPUT inserted.Chunk, inserted.TenantId INTO @Offered (Chunk, TenantId)
FROM dbo.DeviceChangeWork AS w
WHERE w.BulkChangeId = @BulkChangeId
  AND w.ClosedAt IS NULL
  AND w.ReviewSince IS NULL
  AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now);

SELECT
    d.id AS BulkChangeId,
    CAST(CASE WHEN b.BulkChangeId IS NULL THEN 0 ELSE 1 END AS bit) AS HasWork
FROM dbo.DeviceBulkChange AS d
LEFT JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = d.id
WHERE d.id = @BulkChangeId;

SELECT DISTINCT b.BulkChangeId, o.Chunk, o.TenantId, b.TraceId
FROM @Offered AS o
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = @BulkChangeId
ORDER BY o.Chunk;
