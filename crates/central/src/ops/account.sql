-- account: may Rev be called for this billing account now, who said so, and what waits for it?
--
-- Slots, rate, pause and day are those of the budget's row, which accounts that are one at Rev share, as Integration_Authentication has
-- them now; and of the rows that this one takes over from with the next claim (share_budget.sql). Stopped is each for itself.
-- Never reads credentials. Safe to run twice at once: it only reads.
-- @P1 account (Integration_Authentication.id).
SET NOCOUNT ON;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
DECLARE @Budget int;
DECLARE @PausedUntil datetime2(3);
DECLARE @RevPausedUntil datetime2(3);
DECLARE @CallsToday int;
DECLARE @Members TABLE (Id int NOT NULL PRIMARY KEY);
DECLARE @Rows TABLE (Id int NOT NULL PRIMARY KEY);

INSERT INTO @Members (Id)
SELECT o.id
FROM dbo.Integration_Authentication AS a
INNER JOIN dbo.Integration_Authentication AS o ON o.IntegrationId = a.IntegrationId
WHERE a.id = @P1
  AND (o.id = a.id
       OR (LTRIM(RTRIM(a.OAuth2_ClientId)) <> N'' AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))));
SET @Budget = COALESCE((SELECT MIN(o.Id) FROM @Members AS o), @P1);
INSERT INTO @Rows (Id)
SELECT DISTINCT COALESCE(b.SharesBudgetOf, b.IntegrationAuthenticationId)
FROM dbo.RevCallBudget AS b
INNER JOIN @Members AS o ON o.Id = b.IntegrationAuthenticationId
INNER JOIN dbo.Integration_Authentication AS a ON a.id = b.IntegrationAuthenticationId
WHERE b.IntegrationAuthenticationId = @Budget OR b.ClientCode = N'' OR b.ClientCode = LTRIM(RTRIM(a.OAuth2_ClientId));
SELECT
    @PausedUntil = MAX(b.PausedUntil),
    @RevPausedUntil = MAX(b.RevPausedUntil),
    @CallsToday = SUM(CASE WHEN b.Today = CAST(@Now AS date) THEN b.CallsToday ELSE 0 END)
FROM dbo.RevCallBudget AS b
INNER JOIN @Rows AS r ON r.Id = b.IntegrationAuthenticationId;

-- 1. The account. No row: there is none.
SELECT
    a.id AS Account,
    @Budget AS BudgetId,
    a.TenantId,
    t.Name AS TenantName,
    CAST(@Now AS datetime2(3)) AS AsOf,
    CAST(CASE WHEN b.IntegrationAuthenticationId IS NULL THEN 0 ELSE 1 END AS bit) AS HasBudget,
    b.CallsPerMinute,
    b.CallsPerDay,
    COALESCE(@CallsToday, 0) AS CallsToday,
    b.ReducedTo,
    b.ReducedAt,
    CASE WHEN @PausedUntil > @Now THEN @PausedUntil END AS PausedUntil,
    CASE WHEN @RevPausedUntil > @Now THEN @RevPausedUntil END AS RevPausedUntil,
    o.StoppedSince,
    o.StoppedReason,
    o.NextProbeAt
FROM dbo.Integration_Authentication AS a
LEFT JOIN dbo.Tenant AS t ON t.id = a.TenantId
LEFT JOIN dbo.RevCallBudget AS b ON b.IntegrationAuthenticationId = @Budget
LEFT JOIN dbo.RevCallBudget AS o ON o.IntegrationAuthenticationId = a.id
WHERE a.id = @P1;

-- 2. Who shares the budget.
SELECT o.Id AS Account
FROM @Members AS o
WHERE o.Id <> @P1
ORDER BY o.Id;

-- 3. What waits for a call of this budget.
SELECT COUNT_BIG(*) AS Calls, COUNT_BIG(DISTINCT w.BulkChangeId) AS BulkChanges
FROM dbo.BulkChangeWork AS k
INNER JOIN @Members AS o ON o.Id = k.IntegrationAuthenticationId
INNER JOIN dbo.DeviceChangeWork AS w ON w.BulkChangeId = k.BulkChangeId
WHERE w.ClosedAt IS NULL
  AND w.ReviewSince IS NULL
  AND w.Step IN ('open-line', 'settle');

-- 4. What people did to it, the newest first.
SELECT TOP (10) x.IntegrationAuthenticationId AS Account, x.Action, x.PausedUntil, x.ActedBy, x.Reason, x.ActedAt
FROM dbo.RevAccountAction AS x
WHERE x.BudgetId IN (SELECT r.Id FROM @Rows AS r UNION SELECT o.Id FROM @Members AS o)
ORDER BY x.Id DESC;
