-- resume: Rev may be called for the account again. What a person paused is taken back; what Rev itself asked for goes on holding,
-- unless that is to end, too.
--
-- Whose budget that is, is worked out as in pause.sql. Run twice it finds nothing to clear and leaves no second entry. A reduced rate stays: it recovers by itself.
-- What waited for the end of the pause is offered by the next sweep, instead of by a message that may be 15 minutes away.
-- @P1 account, @P2 the next probe of a stopped account is due now, @P3 who, @P4 why or NULL, @P5 Rev's own pause ends, too.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @Account int = @P1;
DECLARE @AlsoStopped bit = @P2;
DECLARE @By nvarchar(50) = @P3;
DECLARE @Reason nvarchar(1000) = @P4;
DECLARE @AlsoRev bit = @P5;
DECLARE @Budget int;
DECLARE @Code nvarchar(250);
DECLARE @Now datetime2(3);
DECLARE @Paused datetime2(3);
DECLARE @Rev datetime2(3);
DECLARE @Resumed bit = 0;
DECLARE @Probe bit = 0;
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
SET @Paused = (SELECT b.PausedUntil FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Budget AND b.PausedUntil > @Now);

IF @AlsoRev = 0
BEGIN
    SET @Rev = (SELECT b.RevPausedUntil FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Budget AND b.RevPausedUntil > @Now);
END;

IF @Paused IS NOT NULL AND (@Rev IS NULL OR @Paused > @Rev)
BEGIN
    UPDATE dbo.RevCallBudget SET PausedUntil = @Rev, RevPausedUntil = @Rev WHERE IntegrationAuthenticationId = @Budget;
    SET @Resumed = 1;
END;

IF @AlsoStopped = 1
BEGIN
    UPDATE dbo.RevCallBudget
    SET NextProbeAt = @Now
    WHERE IntegrationAuthenticationId = @Account AND StoppedSince IS NOT NULL AND (NextProbeAt IS NULL OR NextProbeAt > @Now);
    SET @Probe = CASE WHEN @@ROWCOUNT = 1 THEN 1 ELSE 0 END;
END;

IF @Resumed = 1 OR @Probe = 1
BEGIN
    INSERT INTO dbo.RevAccountAction (IntegrationAuthenticationId, BudgetId, Action, PausedBefore, PausedUntil, ActedBy, Reason, ActedAt)
    VALUES (@Account, @Budget, 'resume', @Paused, NULL, @By, @Reason, @Now);
END;

COMMIT TRANSACTION;

IF @Resumed = 1 OR @Probe = 1
BEGIN
    UPDATE w
    SET OfferedAt = NULL
    FROM dbo.DeviceChangeWork AS w
    INNER JOIN dbo.BulkChangeWork AS k ON k.BulkChangeId = w.BulkChangeId
    WHERE w.ClosedAt IS NULL
      AND w.ReviewSince IS NULL
      AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now)
      AND w.OfferedAt > @Now
      AND (k.IntegrationAuthenticationId = @Account OR k.IntegrationAuthenticationId IN (SELECT o.Id FROM @Members AS o));
END;

SELECT @Resumed AS Resumed, @Probe AS Probe;
