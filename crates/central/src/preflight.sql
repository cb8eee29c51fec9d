-- preflight: does Rev know the customer and offer the products? Written under the preflight's own lease.
--
-- Only the owner of the newest lease decides; the owner stays named afterwards, so that the same verdict given twice is
-- answered the same way and changes nothing. A refusal closes all rows at once; rows whose intent or line is known may be
-- billed already and go on.
-- @P1 bulk change, @P2 owner, @P3 'passed', 'refused' or 'open' (ask again later), @P4 again in ms, @P5 details of a refusal,
-- @P6 account or NULL, @P7 throttled for so many ms or NULL, @P8 why the account is stopped or NULL, @P9 the account works.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint = @P1;
DECLARE @Owner uniqueidentifier = @P2;
DECLARE @Verdict varchar(20) = @P3;
DECLARE @AgainMs int = @P4;
DECLARE @Details nvarchar(4000) = @P5;
DECLARE @Account int = @P6;
DECLARE @ThrottledMs int = @P7;
DECLARE @Stopped nvarchar(1000) = @P8;
DECLARE @Working bit = @P9;
DECLARE @By nvarchar(50) = N'AltaworxDeviceBulkChange';
DECLARE @Now datetime2(7);
DECLARE @PerMinute bigint;
DECLARE @Rate bigint;
DECLARE @Least bigint;
DECLARE @PausedUntil datetime2(7);
DECLARE @Decided int = 0;
DECLARE @Closed TABLE (ChangeId bigint NOT NULL PRIMARY KEY);

BEGIN TRANSACTION;

-- What the calls said of the account, as in facts.sql.
IF @Account IS NOT NULL AND (@ThrottledMs IS NOT NULL OR @Stopped IS NOT NULL OR @Working = 1)
BEGIN
    UPDATE dbo.RevCallBudget SET CallsToday = CallsToday WHERE IntegrationAuthenticationId = @Account;
    SET @Now = SYSUTCDATETIME();
    IF @ThrottledMs IS NOT NULL
    BEGIN
        SELECT
            @PerMinute = b.CallsPerMinute,
            @Rate = CASE
                WHEN b.ReducedTo IS NULL OR b.ReducedTo >= b.CallsPerMinute THEN b.CallsPerMinute
                WHEN b.ReducedAt IS NULL OR b.ReducedAt >= @Now THEN b.ReducedTo
                WHEN DATEDIFF(SECOND, b.ReducedAt, @Now) >= 1200 THEN b.CallsPerMinute
                ELSE b.ReducedTo + CAST(b.CallsPerMinute AS bigint) * DATEDIFF(SECOND, b.ReducedAt, @Now) / 1200
            END,
            @PausedUntil = DATEADD(MILLISECOND, @ThrottledMs, @Now)
        FROM dbo.RevCallBudget AS b
        WHERE b.IntegrationAuthenticationId = @Account;
        SET @Rate = CASE WHEN @Rate > @PerMinute THEN @PerMinute ELSE @Rate END / 2;
        SET @Least = CASE WHEN @PerMinute / 20 > 12 THEN @PerMinute / 20 ELSE 12 END;
        SET @Least = CASE WHEN @Least > @PerMinute THEN @PerMinute ELSE @Least END;
        SET @Rate = CASE WHEN @Rate < @Least THEN @Least ELSE @Rate END;
        UPDATE dbo.RevCallBudget
        SET ReducedTo = CASE WHEN ReducedAt IS NULL OR DATEADD(SECOND, 20, ReducedAt) <= @Now THEN @Rate ELSE ReducedTo END,
            ReducedAt = CASE WHEN ReducedAt IS NULL OR DATEADD(SECOND, 20, ReducedAt) <= @Now THEN @PausedUntil ELSE ReducedAt END,
            PausedUntil = CASE WHEN PausedUntil > @PausedUntil THEN PausedUntil ELSE @PausedUntil END
        WHERE IntegrationAuthenticationId = @Account;
    END;
    IF @Stopped IS NOT NULL
    BEGIN
        UPDATE dbo.RevCallBudget
        SET StoppedSince = COALESCE(StoppedSince, @Now),
            StoppedReason = @Stopped,
            NextProbeAt = CASE WHEN NextProbeAt > @Now THEN NextProbeAt ELSE DATEADD(MINUTE, 5, @Now) END
        WHERE IntegrationAuthenticationId = @Account;
    END;
    IF @Working = 1
    BEGIN
        UPDATE dbo.RevCallBudget
        SET StoppedSince = NULL, StoppedReason = NULL, NextProbeAt = NULL
        WHERE IntegrationAuthenticationId = @Account AND StoppedSince IS NOT NULL;
    END;
END;

SET @Now = SYSUTCDATETIME();
UPDATE dbo.BulkChangeWork
SET Preflight = @Verdict,
    PreflightLeaseUntil = NULL,
    PreflightNotBefore = CASE WHEN @Verdict = 'open' THEN DATEADD(MILLISECOND, @AgainMs, @Now) END
WHERE BulkChangeId = @BulkChangeId AND Preflight = 'open' AND PreflightLeaseOwner = @Owner;
SET @Decided = @@ROWCOUNT;

IF @Decided = 1 AND @Verdict = 'refused'
BEGIN
    UPDATE w
    SET Step = 'done', ClosedAt = @Now, LeaseOwner = NULL, LeaseUntil = NULL, NotBefore = NULL, LastError = LEFT(@Details, 1000)
    OUTPUT inserted.ChangeId INTO @Closed (ChangeId)
    FROM dbo.DeviceChangeWork AS w
    WHERE w.BulkChangeId = @BulkChangeId
      AND w.ClosedAt IS NULL
      AND w.ReviewSince IS NULL
      AND w.Step = 'open-line'
      AND w.IntentReference IS NULL
      AND w.RevServiceLineId IS NULL;

    UPDATE m
    SET Status = N'API_FAILED',
        StatusDetails = @Details,
        IsProcessed = 1,
        HasErrors = 1,
        ProcessedDate = @Now,
        ProcessedBy = @By,
        ModifiedBy = @By,
        ModifiedDate = @Now
    FROM dbo.M2M_DeviceChange AS m
    INNER JOIN @Closed AS c ON c.ChangeId = m.id;

    INSERT INTO dbo.DeviceBulkChangeLog (
        BulkChangeId, M2MDeviceChangeId, LogEntryDescription, HasErrors, ResponseStatus, ErrorText,
        ProcessedDate, ProcessedBy, CreatedBy, CreatedDate, IsActive, IsDeleted)
    SELECT @BulkChangeId, c.ChangeId, N'Associate Customer: Preflight', 1, N'API_FAILED', @Details, @Now, @By, @By, @Now, 1, 0
    FROM @Closed AS c
    ORDER BY c.ChangeId;
END;

COMMIT TRANSACTION;

SELECT CAST(CASE WHEN EXISTS (
    SELECT 1
    FROM dbo.BulkChangeWork AS b
    WHERE b.BulkChangeId = @BulkChangeId AND b.PreflightLeaseOwner = @Owner AND b.Preflight = @Verdict) THEN 1 ELSE 0 END AS bit) AS Ours;
