-- Answers: how far is a bulk change, as far as the caller may see it, one page of its devices, and what its estimate needs.
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 bulk change, @P5 rows to pass over, @P6 rows at most,
-- @P7 which devices: waiting, inWork, processed, failed or inReview; NULL: all.
-- A bulk change of another tenant, or of a customer that the user may not use, answers like one that does not exist. A carrier
-- rate plan change that followed a bulk change is seen by whoever may see that one. What nobody took up yet has no customer
-- that could be compared, and is seen by those who may use all of them.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
-- Whose work row says customer and account: the bulk change itself, or the one that it followed.
DECLARE @origin bigint;
SET @origin = (SELECT w.BulkChangeId FROM dbo.BulkChangeWork AS w WHERE w.BulkChangeId = @P4);
IF @origin IS NULL
BEGIN
    -- A bulk change that was opened again and ended again has the newest of its carrier rate plan changes in its own row.
    SET @origin = COALESCE(
        (SELECT MIN(w.BulkChangeId) FROM dbo.BulkChangeWork AS w WHERE w.LinkedBulkChangeId = @P4),
        (SELECT MIN(w.BulkChangeId) FROM dbo.DeviceChangeWork AS w WHERE w.LinkedBulkChangeId = @P4));
END;
DECLARE @visible bigint;
SET @visible = (
    SELECT b.id
    FROM dbo.DeviceBulkChange AS b
    LEFT JOIN dbo.BulkChangeWork AS w ON w.BulkChangeId = @origin AND w.TenantId = b.TenantId
    LEFT JOIN dbo.DeviceBulkChange AS origin ON origin.id = w.BulkChangeId
    WHERE b.id = @P4 AND b.TenantId = @P1 AND b.IsDeleted = 0
      AND (@P3 = 1 OR EXISTS (
          SELECT 1
          FROM dbo.User_Role_Site AS u
          INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
          LEFT JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
          WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0 AND s.TenantId = @P1
            AND (s.id = origin.SiteId
                 OR (c.RevCustomerId = w.RevCustomerId AND c.IntegrationAuthenticationId = w.IntegrationAuthenticationId)))));
DECLARE @account int;
SET @account = (SELECT w.IntegrationAuthenticationId FROM dbo.BulkChangeWork AS w WHERE w.BulkChangeId = @visible);

-- 1: the bulk change
SELECT
    b.id,
    b.ChangeRequestTypeId,
    b.Status,
    b.CreatedDate,
    b.CreatedBy,
    origin.RevCustomerId AS CustomerAccount,
    (SELECT TOP (1) c.CustomerName FROM dbo.RevCustomer AS c
     WHERE c.TenantId = @P1 AND c.RevCustomerId = origin.RevCustomerId
       AND c.IntegrationAuthenticationId = origin.IntegrationAuthenticationId
     ORDER BY c.IsDeleted, c.id) AS CustomerName,
    w.Options,
    CAST(CASE WHEN w.BulkChangeId IS NULL THEN 0 ELSE 1 END AS bit) AS WorkedOn,
    CAST(CASE WHEN w.BulkChangeId IS NULL OR w.FinishedAt IS NULL THEN 0 ELSE 1 END AS bit) AS Finished,
    w.LinkedBulkChangeId,
    linked.Status AS LinkedStatus,
    CASE WHEN origin.BulkChangeId <> b.id THEN origin.BulkChangeId END AS LinkedFrom
FROM dbo.DeviceBulkChange AS b
LEFT JOIN dbo.BulkChangeWork AS origin ON origin.BulkChangeId = @origin
LEFT JOIN dbo.BulkChangeWork AS w ON w.BulkChangeId = b.id
LEFT JOIN dbo.DeviceBulkChange AS linked ON linked.id = w.LinkedBulkChangeId
WHERE b.id = @visible;

-- 2: how many devices stand where
SELECT
    COUNT_BIG(*) AS Total,
    CAST(COALESCE(SUM(CASE WHEN m.IsProcessed = 0 AND w.LeaseUntil > @Now THEN 1 ELSE 0 END), 0) AS bigint) AS InWork,
    CAST(COALESCE(SUM(CASE WHEN m.IsProcessed = 1 AND m.HasErrors = 0 THEN 1 ELSE 0 END), 0) AS bigint) AS Processed,
    CAST(COALESCE(SUM(CASE WHEN m.IsProcessed = 1 AND m.HasErrors = 1 THEN 1 ELSE 0 END), 0) AS bigint) AS Failed,
    CAST(COALESCE(SUM(CASE WHEN w.ReviewSince IS NOT NULL AND w.ClosedAt IS NULL THEN 1 ELSE 0 END), 0) AS bigint) AS InReview
FROM dbo.M2M_DeviceChange AS m
LEFT JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = m.id
WHERE m.BulkChangeId = @visible AND m.IsDeleted = 0;

-- 3: a page of devices, with what each success indicator is read from
SELECT
    page.id AS ChangeId,
    COALESCE(page.DeviceId, w.DeviceId) AS DeviceId,
    page.ICCID,
    page.MSISDN,
    page.Status,
    page.StatusDetails,
    page.ProcessedDate,
    w.RevServiceLineId,
    -- Rows of the other producer say for themselves what is asked for; it stands in the one of ours otherwise.
    w.ChangeRequest,
    CAST(CASE WHEN COALESCE(page.DeviceId, w.DeviceId) IS NULL THEN 0 ELSE 1 END AS bit) AS Found,
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
        WHERE h.BulkChangeId = @visible AND h.M2MDeviceId = COALESCE(page.DeviceId, w.DeviceId)) THEN 1 ELSE 0 END AS bit) AS HistoryRecorded,
    CAST(CASE WHEN w.ReviewSince IS NOT NULL AND w.ClosedAt IS NULL THEN 1 ELSE 0 END AS bit) AS InReview
FROM (
    SELECT TOP (@P6) inner_page.id, inner_page.ICCID, inner_page.MSISDN, inner_page.DeviceId, inner_page.Status, inner_page.StatusDetails,
        inner_page.ProcessedDate, inner_page.IsProcessed, inner_page.HasErrors
    FROM (
        SELECT m.id, m.ICCID, m.MSISDN, m.DeviceId, m.Status, m.StatusDetails, m.ProcessedDate, m.IsProcessed, m.HasErrors
        FROM dbo.M2M_DeviceChange AS m
        LEFT JOIN dbo.DeviceChangeWork AS place ON place.ChangeId = m.id
        WHERE m.BulkChangeId = @visible AND m.IsDeleted = 0
          AND (@P7 IS NULL
               OR @P7 = CASE
                   WHEN m.IsProcessed = 1 AND m.HasErrors = 0 THEN N'processed'
                   WHEN m.IsProcessed = 1 THEN N'failed'
                   WHEN place.LeaseUntil > @Now THEN N'inWork'
                   ELSE N'waiting'
               END
               OR (@P7 = N'inReview' AND place.ReviewSince IS NOT NULL AND place.ClosedAt IS NULL))
        ORDER BY m.id OFFSET @P5 ROWS
    ) AS inner_page
    ORDER BY inner_page.id
) AS page
LEFT JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = page.id
ORDER BY page.id;

-- 4: what its account may be asked
-- Accounts with one client code of Rev share one budget, that of the lowest of them (docs/decisions/0070).
DECLARE @Members TABLE (Id int NOT NULL PRIMARY KEY);
INSERT INTO @Members (Id)
SELECT o.id
FROM dbo.Integration_Authentication AS a
INNER JOIN dbo.Integration_Authentication AS o ON o.IntegrationId = a.IntegrationId
WHERE a.id = @account
  AND (o.id = a.id
       OR (LTRIM(RTRIM(a.OAuth2_ClientId)) <> N'' AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))));
SELECT
    @Now AS Now,
    r.CallsPerMinute,
    r.CallsPerDay,
    COALESCE(CASE WHEN r.Today = CAST(@Now AS date) THEN r.CallsToday END, 0) AS CallsToday,
    r.ReducedTo,
    r.ReducedAt,
    r.PausedUntil,
    CAST(CASE WHEN own.StoppedSince IS NULL THEN 0 ELSE 1 END AS bit) AS Stopped
FROM (SELECT 1 AS Always) AS one
LEFT JOIN dbo.RevCallBudget AS r ON r.IntegrationAuthenticationId = (SELECT MIN(o.Id) FROM @Members AS o)
LEFT JOIN dbo.RevCallBudget AS own ON own.IntegrationAuthenticationId = @account;

-- 5: the calls that wait for the account, of every bulk change that shares its budget
SELECT
    b.BulkChangeId,
    b.TenantId,
    CAST(SUM(CASE q.Step WHEN 'settle' THEN 3 ELSE 1 END) + MAX(CASE b.Preflight WHEN 'open' THEN 2 ELSE 0 END) AS bigint) AS Calls,
    CAST(MAX(CASE q.Step WHEN 'settle' THEN 1 ELSE 0 END) AS bit) AS Settling
FROM dbo.BulkChangeWork AS b
INNER JOIN @Members AS o ON o.Id = b.IntegrationAuthenticationId
INNER JOIN dbo.DeviceChangeWork AS q ON q.BulkChangeId = b.BulkChangeId
WHERE b.FinishedAt IS NULL
  AND q.ClosedAt IS NULL AND q.ReviewSince IS NULL AND q.Step IN ('open-line', 'settle')
GROUP BY b.BulkChangeId, b.TenantId
ORDER BY b.BulkChangeId;
