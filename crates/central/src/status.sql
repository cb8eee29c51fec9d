-- Answers: how far is a bulk change, as far as the caller may see it, and one page of its devices.
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 bulk change, @P5 rows to pass over, @P6 rows at most.
-- A bulk change of another tenant, or of a customer that the user may not use, answers like one that does not exist.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;
DECLARE @visible bigint;
SET @visible = (
    SELECT b.id
    FROM dbo.DeviceBulkChange AS b
    LEFT JOIN dbo.BulkChangeWork AS w ON w.BulkChangeId = b.id
    WHERE b.id = @P4 AND b.TenantId = @P1 AND b.IsDeleted = 0
      AND (@P3 = 1 OR EXISTS (
          SELECT 1
          FROM dbo.User_Role_Site AS u
          INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
          LEFT JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
          WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0 AND s.TenantId = @P1
            AND (s.id = b.SiteId
                 OR (c.RevCustomerId = w.RevCustomerId AND c.IntegrationAuthenticationId = w.IntegrationAuthenticationId)))));

-- 1: the bulk change
SELECT
    b.id,
    b.Status,
    b.CreatedDate,
    b.CreatedBy,
    w.RevCustomerId AS CustomerAccount,
    (SELECT TOP (1) c.CustomerName FROM dbo.RevCustomer AS c
     WHERE c.TenantId = @P1 AND c.RevCustomerId = w.RevCustomerId AND c.IntegrationAuthenticationId = w.IntegrationAuthenticationId
     ORDER BY c.IsDeleted, c.id) AS CustomerName,
    w.Options,
    w.LinkedBulkChangeId,
    linked.Status AS LinkedStatus,
    -- Billing calls that wait for the same account, of every bulk change: they share its budget.
    CAST((SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork AS q
     INNER JOIN dbo.BulkChangeWork AS qb ON qb.BulkChangeId = q.BulkChangeId
     WHERE qb.IntegrationAuthenticationId = w.IntegrationAuthenticationId
       AND q.ClosedAt IS NULL AND q.ReviewSince IS NULL AND q.Step IN ('open-line', 'settle')) AS bigint) AS CallsWaiting,
    budget.CallsPerMinute
FROM dbo.DeviceBulkChange AS b
LEFT JOIN dbo.BulkChangeWork AS w ON w.BulkChangeId = b.id
LEFT JOIN dbo.DeviceBulkChange AS linked ON linked.id = w.LinkedBulkChangeId
LEFT JOIN dbo.RevCallBudget AS budget ON budget.IntegrationAuthenticationId = w.IntegrationAuthenticationId
WHERE b.id = @visible;

-- 2: how many devices stand where
SELECT
    COUNT_BIG(*) AS Total,
    CAST(COALESCE(SUM(CASE WHEN m.IsProcessed = 0 AND w.LeaseUntil > SYSUTCDATETIME() THEN 1 ELSE 0 END), 0) AS bigint) AS InWork,
    CAST(COALESCE(SUM(CASE WHEN m.IsProcessed = 1 AND m.HasErrors = 0 THEN 1 ELSE 0 END), 0) AS bigint) AS Processed,
    CAST(COALESCE(SUM(CASE WHEN m.IsProcessed = 1 AND m.HasErrors = 1 THEN 1 ELSE 0 END), 0) AS bigint) AS Failed,
    CAST(COALESCE(SUM(CASE WHEN w.ReviewSince IS NOT NULL AND w.ClosedAt IS NULL THEN 1 ELSE 0 END), 0) AS bigint) AS InReview
FROM dbo.M2M_DeviceChange AS m
LEFT JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = m.id
WHERE m.BulkChangeId = @visible AND m.IsDeleted = 0;

-- 3: a page of devices, with what each success indicator is read from
SELECT
    page.id AS ChangeId,
    page.ICCID,
    page.MSISDN,
    page.Status,
    page.StatusDetails,
    page.ProcessedDate,
    w.RevServiceLineId,
    CAST(CASE WHEN page.DeviceId IS NULL THEN 0 ELSE 1 END AS bit) AS Found,
    CAST(CASE WHEN w.ChangeId IS NULL THEN 0 ELSE 1 END AS bit) AS Permitted,
    CAST(CASE WHEN page.IsProcessed = 1 AND page.HasErrors = 0 THEN 1 ELSE 0 END AS bit) AS Completed,
    CAST(CASE WHEN EXISTS (
        SELECT 1 FROM dbo.DeviceBulkChangeLog AS l
        WHERE l.BulkChangeId = @visible AND l.M2MDeviceChangeId = page.id AND l.HasErrors = 0
          AND l.LogEntryDescription = N'AMOP Customer Assignment') THEN 1 ELSE 0 END AS bit) AS Assigned,
    CAST(CASE WHEN EXISTS (
        SELECT 1 FROM dbo.DeviceBulkChangeLog AS l
        WHERE l.BulkChangeId = @visible AND l.M2MDeviceChangeId = page.id AND l.HasErrors = 0
          AND l.LogEntryDescription = N'AMOP Customer Rate Plan Assignment') THEN 1 ELSE 0 END AS bit) AS PlanAssigned,
    CAST(CASE WHEN EXISTS (
        SELECT 1 FROM dbo.DeviceActionHistory AS h
        WHERE h.BulkChangeId = @visible AND h.M2MDeviceId = page.DeviceId) THEN 1 ELSE 0 END AS bit) AS HistoryRecorded,
    CAST(CASE WHEN w.ReviewSince IS NOT NULL AND w.ClosedAt IS NULL THEN 1 ELSE 0 END AS bit) AS InReview
FROM (
    SELECT TOP (@P6) inner_page.id, inner_page.ICCID, inner_page.MSISDN, inner_page.DeviceId, inner_page.Status, inner_page.StatusDetails,
        inner_page.ProcessedDate, inner_page.IsProcessed, inner_page.HasErrors
    FROM (
        SELECT m.id, m.ICCID, m.MSISDN, m.DeviceId, m.Status, m.StatusDetails, m.ProcessedDate, m.IsProcessed, m.HasErrors
        FROM dbo.M2M_DeviceChange AS m
        WHERE m.BulkChangeId = @visible AND m.IsDeleted = 0
        ORDER BY m.id OFFSET @P5 ROWS
    ) AS inner_page
    ORDER BY inner_page.id
) AS page
LEFT JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = page.id
ORDER BY page.id;
