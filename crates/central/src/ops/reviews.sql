-- reviews: which changes wait for a person?
-- Open ones (nobody knows what is billed, or a line is open that cannot be assigned), and ended ones for which a line too many
-- became known. The oldest first. IX_DeviceChangeWork_Review holds just these rows.
-- Safe to run twice at once: it only reads.
-- @P1 tenant or NULL for all, @P2 rows at most.
SET NOCOUNT ON;
SELECT COUNT_BIG(*) AS Total
FROM dbo.DeviceChangeWork AS w
WHERE w.ReviewSince IS NOT NULL AND (@P1 IS NULL OR w.TenantId = @P1);

SELECT TOP (@P2)
    w.ChangeId,
    w.BulkChangeId,
    w.TenantId,
    t.Name AS TenantName,
    m.ICCID,
    b.RevCustomerId,
    COALESCE(w.IntentNumber, NULLIF(m.MSISDN, N''), m.ICCID) AS Number,
    b.IntegrationAuthenticationId,
    w.IntentReference,
    w.IntentAt,
    w.RevServiceLineId,
    w.ReviewSince,
    CAST(CASE WHEN w.ClosedAt IS NULL THEN 0 ELSE 1 END AS bit) AS Ended,
    COALESCE(w.LastError, m.StatusDetails) AS Words
FROM dbo.DeviceChangeWork AS w
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = w.ChangeId
LEFT JOIN dbo.Tenant AS t ON t.id = w.TenantId
WHERE w.ReviewSince IS NOT NULL AND (@P1 IS NULL OR w.TenantId = @P1)
ORDER BY w.ReviewSince, w.ChangeId;
