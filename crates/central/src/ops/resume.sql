-- resume: Rev may be called for the account again, whoever had paused it.
--
-- Run twice it finds nothing to clear and leaves no second entry. A reduced rate stays: it recovers by itself.
-- What waited for the end of the pause is offered by the next sweep, instead of by a message that may be 15 minutes away.
-- @P1 account, @P2 the next probe of a stopped account is due now, @P3 who, @P4 why or NULL.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @Account int = @P1;
DECLARE @AlsoStopped bit = @P2;
DECLARE @By nvarchar(50) = @P3;
DECLARE @Reason nvarchar(1000) = @P4;
DECLARE @Budget int = COALESCE((SELECT b.SharesBudgetOf FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @P1), @P1);
DECLARE @Now datetime2(3);
DECLARE @Paused datetime2(3);
DECLARE @Resumed bit = 0;
DECLARE @Probe bit = 0;

BEGIN TRANSACTION;

-- Takes the lock of the budget until COMMIT.
UPDATE dbo.RevCallBudget SET CallsToday = CallsToday WHERE IntegrationAuthenticationId = @Budget;
SET @Now = SYSUTCDATETIME();
SET @Paused = (SELECT b.PausedUntil FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Budget AND b.PausedUntil > @Now);

IF @Paused IS NOT NULL
BEGIN
    UPDATE dbo.RevCallBudget SET PausedUntil = NULL WHERE IntegrationAuthenticationId = @Budget;
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
      AND (k.IntegrationAuthenticationId = @Budget
           OR k.IntegrationAuthenticationId IN (
               SELECT s.IntegrationAuthenticationId FROM dbo.RevCallBudget AS s WHERE s.SharesBudgetOf = @Budget));
END;

SELECT @Resumed AS Resumed, @Probe AS Probe;
