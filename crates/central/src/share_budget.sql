-- share_budget: whose call budget does this account share now, and what do the budgets before leave to it?
--
-- Accounts with one client code of Rev share the budget of the lowest of them, the root (docs/decisions/0070). Claims and everybody else
-- who needs the budget work the root out each time; where the rows of RevCallBudget say something else they give up with error
-- 50070 and write nothing, and this puts the rows right: the ones that are missing are made, each of the accounts is told the root, and
-- the root takes over what was handed out, paused and counted in the row that each of them shared until now (docs/decisions/0073).
-- Locks are taken in the order root, former roots, the others. Run twice it finds nothing to take over: a row that was taken over
-- from is empty. Two first calls of an account at once: one gets 2627 on PK_RevCallBudget and is run again.
-- @P1 account or NULL, @P2 bulk change whose account it is or NULL, @P3 calls a minute, @P4 calls a day, @P5 burst, for new rows.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @Account int = @P1;
DECLARE @BulkChangeId bigint = @P2;
DECLARE @PerMinute int = @P3;
DECLARE @PerDay int = @P4;
DECLARE @Burst int = @P5;
DECLARE @Now datetime2(7);
DECLARE @Root int;
DECLARE @Code nvarchar(250);
DECLARE @NextSlotAt datetime2(7);
DECLARE @PausedUntil datetime2(3);
DECLARE @RevPausedUntil datetime2(3);
DECLARE @ReducedTo int;
DECLARE @ReducedAt datetime2(3);
DECLARE @Calls int;
DECLARE @Members TABLE (Id int NOT NULL PRIMARY KEY);
DECLARE @Former TABLE (Id int NOT NULL PRIMARY KEY);

IF @Account IS NULL
BEGIN
    SET @Account = (SELECT b.IntegrationAuthenticationId FROM dbo.BulkChangeWork AS b WHERE b.BulkChangeId = @BulkChangeId);
END;
SET @Code = COALESCE((SELECT LTRIM(RTRIM(a.OAuth2_ClientId)) FROM dbo.Integration_Authentication AS a WHERE a.id = @Account), N'');
INSERT INTO @Members (Id)
SELECT o.id
FROM dbo.Integration_Authentication AS a
INNER JOIN dbo.Integration_Authentication AS o ON o.IntegrationId = a.IntegrationId
WHERE a.id = @Account
  AND (o.id = a.id
       OR (LTRIM(RTRIM(a.OAuth2_ClientId)) <> N'' AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))));
SET @Root = COALESCE((SELECT MIN(o.Id) FROM @Members AS o), @Account);

BEGIN TRANSACTION;

UPDATE dbo.RevCallBudget SET CallsToday = CallsToday WHERE IntegrationAuthenticationId = @Root;
IF @@ROWCOUNT = 0
BEGIN
    INSERT INTO dbo.RevCallBudget (IntegrationAuthenticationId, ClientCode, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, Today, CallsToday)
    VALUES (@Root, @Code, SYSUTCDATETIME(), @PerMinute, @PerDay, @Burst, CAST(SYSUTCDATETIME() AS date), 0);
END;

-- What they shared until now. An account whose own code has changed since leaves its former budget where it is.
INSERT INTO @Former (Id)
SELECT DISTINCT COALESCE(b.SharesBudgetOf, b.IntegrationAuthenticationId)
FROM dbo.RevCallBudget AS b
INNER JOIN @Members AS o ON o.Id = b.IntegrationAuthenticationId
WHERE (b.ClientCode = N'' OR b.ClientCode = @Code)
  AND COALESCE(b.SharesBudgetOf, b.IntegrationAuthenticationId) <> @Root;
UPDATE b
SET CallsToday = b.CallsToday
FROM dbo.RevCallBudget AS b
INNER JOIN @Former AS f ON f.Id = b.IntegrationAuthenticationId;

SET @Now = SYSUTCDATETIME();
SELECT
    @NextSlotAt = MAX(b.NextSlotAt),
    @PausedUntil = MAX(b.PausedUntil),
    @RevPausedUntil = MAX(b.RevPausedUntil),
    @Calls = SUM(CASE WHEN b.Today = CAST(@Now AS date) THEN b.CallsToday ELSE 0 END)
FROM dbo.RevCallBudget AS b
INNER JOIN @Former AS f ON f.Id = b.IntegrationAuthenticationId;
SELECT TOP (1) @ReducedTo = b.ReducedTo, @ReducedAt = b.ReducedAt
FROM dbo.RevCallBudget AS b
INNER JOIN @Former AS f ON f.Id = b.IntegrationAuthenticationId
WHERE b.ReducedTo IS NOT NULL AND b.ReducedAt IS NOT NULL
ORDER BY b.ReducedAt DESC, b.ReducedTo;

-- The later, and the sum: never less than what may have been called.
UPDATE dbo.RevCallBudget
SET NextSlotAt = CASE WHEN @NextSlotAt > NextSlotAt THEN @NextSlotAt ELSE NextSlotAt END,
    PausedUntil = CASE WHEN PausedUntil IS NULL OR @PausedUntil > PausedUntil THEN COALESCE(@PausedUntil, PausedUntil) ELSE PausedUntil END,
    RevPausedUntil = CASE
        WHEN RevPausedUntil IS NULL OR @RevPausedUntil > RevPausedUntil THEN COALESCE(@RevPausedUntil, RevPausedUntil) ELSE RevPausedUntil
    END,
    ReducedTo = CASE WHEN ReducedAt IS NULL OR @ReducedAt > ReducedAt THEN COALESCE(@ReducedTo, ReducedTo) ELSE ReducedTo END,
    ReducedAt = CASE WHEN ReducedAt IS NULL OR @ReducedAt > ReducedAt THEN COALESCE(@ReducedAt, ReducedAt) ELSE ReducedAt END,
    CallsToday = CASE WHEN Today = CAST(@Now AS date) THEN CallsToday ELSE 0 END + COALESCE(@Calls, 0),
    Today = CAST(@Now AS date)
WHERE IntegrationAuthenticationId = @Root;

-- What is the root's by now is nobody else's; a row that has begun to count for another code keeps it all, to be safe.
UPDATE b
SET CallsToday = 0, PausedUntil = NULL, RevPausedUntil = NULL, ReducedTo = NULL, ReducedAt = NULL
FROM dbo.RevCallBudget AS b
INNER JOIN @Former AS f ON f.Id = b.IntegrationAuthenticationId
WHERE b.ClientCode = N'' OR b.ClientCode = @Code;

INSERT INTO dbo.RevCallBudget (
    IntegrationAuthenticationId, SharesBudgetOf, ClientCode, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, Today, CallsToday)
SELECT @Account, @Root, @Code, @Now, @PerMinute, @PerDay, @Burst, CAST(@Now AS date), 0
WHERE NOT EXISTS (SELECT 1 FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Account);
UPDATE b
SET SharesBudgetOf = NULLIF(@Root, b.IntegrationAuthenticationId), ClientCode = @Code
FROM dbo.RevCallBudget AS b
INNER JOIN @Members AS o ON o.Id = b.IntegrationAuthenticationId;

COMMIT TRANSACTION;
