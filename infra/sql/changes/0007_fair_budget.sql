-- One call budget for one Rev account, however many rows of Integration_Authentication name it, and a fair share of it for
-- each bulk change.
-- SharesBudgetOf: NULL, this row is its own budget; else the id of the row (the root) whose slots, pause, rate and count of
-- the day hold for it. StoppedSince, StoppedReason and NextProbeAt stay this row's own: credentials are.
ALTER TABLE dbo.RevCallBudget ADD SharesBudgetOf int NULL;
-- How far ahead this bulk change has taken call slots, in its own pace: the account's interval, times the bulk changes that wait.
ALTER TABLE dbo.BulkChangeWork ADD NextSlotAt datetime2(7) NULL;
GO
-- What waits for the calls of an account, asked by each claim.
CREATE INDEX IX_BulkChangeWork_Account ON dbo.BulkChangeWork (IntegrationAuthenticationId) INCLUDE (Preflight, PreflightNotBefore) WHERE FinishedAt IS NULL;
CREATE INDEX IX_DeviceChangeWork_Calls ON dbo.DeviceChangeWork (BulkChangeId) INCLUDE (NotBefore, LeaseUntil, Step) WHERE ClosedAt IS NULL AND ReviewSince IS NULL AND Step IN ('open-line', 'settle');
GO
-- Rows that exist already. The root is the lowest id with the same integration and the same client code of Rev; it takes over
-- the calls of today and the longest pause, so that nothing is given away twice.
DECLARE @Today date = CAST(SYSUTCDATETIME() AS date);
DECLARE @Shared TABLE (Account int NOT NULL PRIMARY KEY, Root int NOT NULL);
DECLARE @Roots TABLE (
    Root int NOT NULL PRIMARY KEY, NextSlotAt datetime2(7) NOT NULL, CallsPerMinute int NOT NULL, CallsPerDay int NOT NULL, Burst int NOT NULL,
    PausedUntil datetime2(3) NULL, CallsToday int NOT NULL);

INSERT INTO @Shared (Account, Root)
SELECT b.IntegrationAuthenticationId, MIN(o.id)
FROM dbo.RevCallBudget AS b
INNER JOIN dbo.Integration_Authentication AS a ON a.id = b.IntegrationAuthenticationId
INNER JOIN dbo.Integration_Authentication AS o
    ON o.IntegrationId = a.IntegrationId AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))
WHERE LTRIM(RTRIM(a.OAuth2_ClientId)) <> N''
GROUP BY b.IntegrationAuthenticationId;

INSERT INTO @Roots (Root, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, PausedUntil, CallsToday)
SELECT
    s.Root, MAX(b.NextSlotAt), MIN(b.CallsPerMinute), MIN(b.CallsPerDay), MIN(b.Burst), MAX(b.PausedUntil),
    SUM(CASE WHEN b.Today = @Today THEN b.CallsToday ELSE 0 END)
FROM @Shared AS s
INNER JOIN dbo.RevCallBudget AS b ON b.IntegrationAuthenticationId = s.Account
GROUP BY s.Root;

UPDATE b
SET NextSlotAt = r.NextSlotAt, PausedUntil = r.PausedUntil, Today = @Today, CallsToday = r.CallsToday
FROM dbo.RevCallBudget AS b
INNER JOIN @Roots AS r ON r.Root = b.IntegrationAuthenticationId;

INSERT INTO dbo.RevCallBudget (IntegrationAuthenticationId, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, PausedUntil, Today, CallsToday)
SELECT r.Root, r.NextSlotAt, r.CallsPerMinute, r.CallsPerDay, r.Burst, r.PausedUntil, @Today, r.CallsToday
FROM @Roots AS r
WHERE NOT EXISTS (SELECT 1 FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = r.Root);

UPDATE b
SET SharesBudgetOf = s.Root
FROM dbo.RevCallBudget AS b
INNER JOIN @Shared AS s ON s.Account = b.IntegrationAuthenticationId
WHERE s.Root <> s.Account;
