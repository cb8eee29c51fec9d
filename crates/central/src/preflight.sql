-- preflight: does Rev know the customer and offer the products? Written under the preflight's own lease.
--
-- Only the owner of the newest lease decides; the owner stays named afterwards, so that the same verdict given twice is
-- answered the same way and changes nothing. A refusal closes all rows at once; rows whose intent or line is known, and
-- those of another producer that begin at the look-up, may be billed already and go on: what is not found is refused then. What the calls said of the account is a fact of its own (facts.sql), written before.
-- @P1 bulk change, @P2 owner, @P3 'passed', 'refused' or 'open' (ask again later), @P4 again in ms, @P5 details of a refusal.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint = @P1;
DECLARE @Owner uniqueidentifier = @P2;
DECLARE @Verdict varchar(20) = @P3;
DECLARE @AgainMs int = @P4;
DECLARE @Details nvarchar(4000) = @P5;
DECLARE @By nvarchar(50) = N'AltaworxDeviceBulkChange';
DECLARE @Now datetime2(7);
DECLARE @Decided int = 0;
DECLARE @Closed TABLE (ChangeId bigint NOT NULL PRIMARY KEY);

BEGIN TRANSACTION;

SET @Now = SYSUTCDATETIME();
UPDATE dbo.BulkChangeWork
SET Preflight = @Verdict,
    PreflightLeaseUntil = NULL,
    PreflightDetails = LEFT(@Details, 1000),
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
