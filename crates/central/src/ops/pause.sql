-- pause: nobody calls Rev for this account before a moment that a person names.
--
-- Acts on the budget's row, which accounts that are one at Rev share, as Integration_Authentication has them now: where RevCallBudget
-- says something else, or nobody has called yet, this ends with error 50070 and share_budget puts it right. A pause that Rev asked
-- for is never made shorter; one of a person is set to what the newest person says. Run twice, the second finds the same moment
-- and leaves no second entry (a length counts from each run anew).
-- @P1 account, @P2 until or NULL, @P3 for so many seconds or NULL, @P4 who, @P5 why.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @Account int = @P1;
DECLARE @Asked datetime2(3) = @P2;
DECLARE @Seconds int = @P3;
DECLARE @By nvarchar(50) = @P4;
DECLARE @Reason nvarchar(1000) = @P5;
DECLARE @Budget int;
DECLARE @Code nvarchar(250);
DECLARE @Now datetime2(3) = SYSUTCDATETIME();
DECLARE @Until datetime2(3);
DECLARE @Paused datetime2(3);
DECLARE @Rev datetime2(3);
DECLARE @Outcome varchar(20);
DECLARE @Members TABLE (Id int NOT NULL PRIMARY KEY);

INSERT INTO @Members (Id)
SELECT o.id
FROM dbo.Integration_Authentication AS a
INNER JOIN dbo.Integration_Authentication AS o ON o.IntegrationId = a.IntegrationId
WHERE a.id = @Account
  AND (o.id = a.id
       OR (LTRIM(RTRIM(a.OAuth2_ClientId)) <> N'' AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))));
SET @Budget = COALESCE((SELECT MIN(o.Id) FROM @Members AS o), @Account);
SET @Code = COALESCE((SELECT LTRIM(RTRIM(a.OAuth2_ClientId)) FROM dbo.Integration_Authentication AS a WHERE a.id = @Account), N'');

BEGIN TRANSACTION;

-- Takes the lock of the budget until COMMIT.
UPDATE dbo.RevCallBudget SET CallsToday = CallsToday WHERE IntegrationAuthenticationId = @Budget;
IF @@ROWCOUNT = 0
   OR NOT EXISTS (SELECT 1 FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Account)
   OR EXISTS (
       SELECT 1
       FROM dbo.RevCallBudget AS b
       INNER JOIN @Members AS o ON o.Id = b.IntegrationAuthenticationId
       WHERE COALESCE(b.SharesBudgetOf, b.IntegrationAuthenticationId) <> @Budget OR b.ClientCode <> @Code)
BEGIN
    THROW 50070, N'RevCallBudget is not as it is written down: see share_budget.', 1;
END;
SET @Now = SYSUTCDATETIME();
SET @Until = CASE WHEN @Seconds IS NULL THEN @Asked ELSE DATEADD(SECOND, @Seconds, @Now) END;
SET @Paused = (SELECT b.PausedUntil FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Budget AND b.PausedUntil > @Now);
SET @Rev = (SELECT b.RevPausedUntil FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Budget AND b.RevPausedUntil > @Now);
SET @Outcome = CASE
    WHEN @Until <= @Now THEN 'past'
    WHEN @Paused = @Until THEN 'same'
    WHEN @Rev > @Until THEN 'rev-longer'
    ELSE 'paused'
END;

IF @Outcome = 'paused'
BEGIN
    UPDATE dbo.RevCallBudget SET PausedUntil = @Until WHERE IntegrationAuthenticationId = @Budget;
    INSERT INTO dbo.RevAccountAction (IntegrationAuthenticationId, BudgetId, Action, PausedBefore, PausedUntil, ActedBy, Reason, ActedAt)
    VALUES (@Account, @Budget, 'pause', @Paused, @Until, @By, @Reason, @Now);
END;

COMMIT TRANSACTION;

SELECT @Outcome AS Outcome, CASE WHEN @Outcome = 'rev-longer' THEN @Rev ELSE @Until END AS PausedUntil;
