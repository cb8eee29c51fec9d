-- account: may Rev be called for this billing account now, who said so, and what waits for it?
--
-- Slots, rate, pause and day are those of the budget's row, which accounts that are one at Rev share; stopped is each for itself.
-- Never reads credentials. Safe to run twice at once: it only reads.
-- @P1 account (Integration_Authentication.id).
SET NOCOUNT ON;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
DECLARE @Budget int = COALESCE((SELECT b.SharesBudgetOf FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @P1), @P1);

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
    CASE WHEN b.Today = CAST(@Now AS date) THEN b.CallsToday ELSE 0 END AS CallsToday,
    b.ReducedTo,
    b.ReducedAt,
    CASE WHEN b.PausedUntil > @Now THEN b.PausedUntil END AS PausedUntil,
    o.StoppedSince,
    o.StoppedReason,
    o.NextProbeAt
FROM dbo.Integration_Authentication AS a
LEFT JOIN dbo.Tenant AS t ON t.id = a.TenantId
LEFT JOIN dbo.RevCallBudget AS b ON b.IntegrationAuthenticationId = @Budget
LEFT JOIN dbo.RevCallBudget AS o ON o.IntegrationAuthenticationId = a.id
WHERE a.id = @P1;

-- 2. Who shares the budget.
SELECT b.IntegrationAuthenticationId AS Account
FROM dbo.RevCallBudget AS b
WHERE (b.SharesBudgetOf = @Budget OR b.IntegrationAuthenticationId = @Budget) AND b.IntegrationAuthenticationId <> @P1
ORDER BY b.IntegrationAuthenticationId;

-- 3. What waits for a call of this budget.
SELECT COUNT_BIG(*) AS Calls, COUNT_BIG(DISTINCT w.BulkChangeId) AS BulkChanges
FROM dbo.BulkChangeWork AS k
INNER JOIN dbo.DeviceChangeWork AS w ON w.BulkChangeId = k.BulkChangeId
WHERE w.ClosedAt IS NULL
  AND w.ReviewSince IS NULL
  AND w.Step IN ('open-line', 'settle')
  AND (k.IntegrationAuthenticationId = @Budget
       OR k.IntegrationAuthenticationId IN (
           SELECT s.IntegrationAuthenticationId FROM dbo.RevCallBudget AS s WHERE s.SharesBudgetOf = @Budget));

-- 4. What people did to it, the newest first.
SELECT TOP (10) x.IntegrationAuthenticationId AS Account, x.Action, x.PausedUntil, x.ActedBy, x.Reason, x.ActedAt
FROM dbo.RevAccountAction AS x
WHERE x.BudgetId = @Budget
ORDER BY x.Id DESC;
