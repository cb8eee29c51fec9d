-- claim: which changes of this chunk are mine to work on now, and when may I call Rev for them?
--
-- One transaction: the call slots, then as many rows as there are slots (or the preflight lease instead of rows).
-- Safe beside a twin: the budget row is locked until COMMIT, and every row is taken by an UPDATE whose own WHERE holds the whole
-- condition, so a row that another has just leased does not match any more. Run again after an unknown outcome it takes
-- nothing that is leased; what the lost run took comes back when the lease runs out. The intent is written where there is
-- none and never overwritten. A row that comes back with an intent at 'open-line' (its holder died) goes to 'settle': a call
-- may have been made, so it is looked up from 60 s after the end of that lease.
-- Accounts with one client code of Rev share the budget of the lowest of them, the root (docs/decisions/0070). Where their rows are not
-- written so, this ends with error 50070 and nothing is written; share_budget puts them right (docs/decisions/0073). Beside other bulk
-- changes that wait for the same budget, this one takes slots in its own pace: the account's interval times the tenants that wait, times
-- the bulk changes of its tenant that do. What would begin within a quarter of the horizon it may take all the same: nobody else came
-- for it (docs/decisions/0071).
-- Locks are taken in the order budget (root, then the account's own), bulk change work, change work, change, as every other
-- statement does. Who waits is counted before the first lock: only a share depends on it, and a long submit of the account is waited
-- for with nothing in hand.
-- @P1 bulk change, @P2 chunk, @P3 owner, @P4 rows at most, @P5 lease in ms, @P6 horizon in microseconds, @P7 extra calls,
-- @P8 with account, @P9 calls a minute, @P10 calls a day, @P11 burst.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint = @P1;
DECLARE @Chunk int = @P2;
DECLARE @Owner uniqueidentifier = @P3;
DECLARE @Most int = @P4;
DECLARE @LeaseMs int = @P5;
DECLARE @HorizonUs bigint = @P6;
DECLARE @Extra int = @P7;
DECLARE @WithAccount bit = @P8;
DECLARE @PerMinute int = @P9;
DECLARE @PerDay int = @P10;
DECLARE @Burst int = @P11;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
DECLARE @Account int;
DECLARE @Root int;
DECLARE @Code nvarchar(250);
DECLARE @Tenant int;
-- Into how many parts like this bulk change's the budget goes.
DECLARE @Parts bigint = 1;
DECLARE @RevCustomerId nvarchar(50);
DECLARE @State varchar(20);
DECLARE @PreflightFreeAt datetime2(7);
DECLARE @Outcome varchar(20);
DECLARE @Wanted int = 0;
DECLARE @Needed int = 0;
DECLARE @Take int = 0;
DECLARE @CallRows int = 0;
DECLARE @Rest int = 0;
DECLARE @Tat datetime2(7);
DECLARE @Rate bigint;
DECLARE @CallsToday int;
DECLARE @PausedUntil datetime2(7);
DECLARE @StoppedSince datetime2(7);
DECLARE @NextProbeAt datetime2(7);
DECLARE @WaitUntil datetime2(7);
DECLARE @IntervalUs bigint = 0;
DECLARE @FirstUs bigint = 0;
DECLARE @SoonUs bigint = @HorizonUs / 4;
DECLARE @OwnTat datetime2(7);
DECLARE @OwnUs bigint = 0;
DECLARE @PaceUs bigint = 0;
DECLARE @PaceWaitUs bigint = 0;
DECLARE @WaitUs bigint = 0;
DECLARE @Free bigint = 0;
DECLARE @Share bigint = 0;
DECLARE @Earliest datetime2(7);
DECLARE @OfferedAt datetime2(7);
DECLARE @Members TABLE (Id int NOT NULL PRIMARY KEY);
DECLARE @Others TABLE (BulkChangeId bigint NOT NULL PRIMARY KEY, TenantId int NOT NULL);
DECLARE @Claimed TABLE (ChangeId bigint NOT NULL PRIMARY KEY, EarlierIntent bit NOT NULL);

SELECT @Account = b.IntegrationAuthenticationId, @Tenant = b.TenantId, @RevCustomerId = b.RevCustomerId, @State = b.Preflight
FROM dbo.BulkChangeWork AS b
WHERE b.BulkChangeId = @BulkChangeId AND b.FinishedAt IS NULL;
SET @Outcome = CASE @State WHEN 'open' THEN 'theirs' ELSE @State END;

-- Without a row that needs a call the budget is left alone.
SET @Wanted = (
    SELECT COUNT(*)
    FROM dbo.DeviceChangeWork AS w
    WHERE w.BulkChangeId = @BulkChangeId
      AND w.Chunk = @Chunk
      AND w.ClosedAt IS NULL
      AND w.ReviewSince IS NULL
      AND (@State = 'open'
           OR (w.Step IN ('open-line', 'settle')
               AND (w.NotBefore IS NULL OR w.NotBefore <= @Now)
               AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now))));

IF @Wanted > 0 AND @State IS NOT NULL
BEGIN
    -- Who shares the budget, and which bulk changes of them wait for it.
    INSERT INTO @Members (Id)
    SELECT o.id
    FROM dbo.Integration_Authentication AS a
    INNER JOIN dbo.Integration_Authentication AS o ON o.IntegrationId = a.IntegrationId
    WHERE a.id = @Account
      AND (o.id = a.id
           OR (LTRIM(RTRIM(a.OAuth2_ClientId)) <> N'' AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))));
    SET @Root = COALESCE((SELECT MIN(o.Id) FROM @Members AS o), @Account);
    SET @Code = COALESCE((SELECT LTRIM(RTRIM(a.OAuth2_ClientId)) FROM dbo.Integration_Authentication AS a WHERE a.id = @Account), N'');
    INSERT INTO @Others (BulkChangeId, TenantId)
    SELECT b.BulkChangeId, b.TenantId
    FROM dbo.BulkChangeWork AS b
    INNER JOIN @Members AS o ON o.Id = b.IntegrationAuthenticationId
    WHERE b.FinishedAt IS NULL
      AND b.BulkChangeId <> @BulkChangeId
      AND (b.Preflight <> 'open' OR b.PreflightNotBefore IS NULL OR b.PreflightNotBefore <= @Now)
      AND EXISTS (
          SELECT 1
          FROM dbo.DeviceChangeWork AS w
          WHERE w.BulkChangeId = b.BulkChangeId
            AND w.ClosedAt IS NULL
            AND w.ReviewSince IS NULL
            AND w.Step IN ('open-line', 'settle')
            AND (w.NotBefore IS NULL OR w.NotBefore <= @Now)
            AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now));
    SET @Parts = (1 + (SELECT COUNT_BIG(DISTINCT o.TenantId) FROM @Others AS o WHERE o.TenantId <> @Tenant))
        * (1 + (SELECT COUNT_BIG(*) FROM @Others AS o WHERE o.TenantId = @Tenant));
END;

BEGIN TRANSACTION;

IF @Root IS NOT NULL
BEGIN
    -- The lock of the account: whoever comes second counts again what is left.
    UPDATE dbo.RevCallBudget
    SET CallsPerMinute = @PerMinute, CallsPerDay = @PerDay, Burst = @Burst
    WHERE IntegrationAuthenticationId = @Root;
    IF @@ROWCOUNT = 0
    BEGIN
        INSERT INTO dbo.RevCallBudget (IntegrationAuthenticationId, ClientCode, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, Today, CallsToday)
        VALUES (@Root, @Code, @Now, @PerMinute, @PerDay, @Burst, CAST(@Now AS date), 0);
    END;
    IF NOT EXISTS (SELECT 1 FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Account)
    BEGIN
        INSERT INTO dbo.RevCallBudget (
            IntegrationAuthenticationId, SharesBudgetOf, ClientCode, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, Today, CallsToday)
        VALUES (@Account, @Root, @Code, @Now, @PerMinute, @PerDay, @Burst, CAST(@Now AS date), 0);
    END;
    IF EXISTS (
        SELECT 1
        FROM dbo.RevCallBudget AS b
        INNER JOIN @Members AS o ON o.Id = b.IntegrationAuthenticationId
        WHERE COALESCE(b.SharesBudgetOf, b.IntegrationAuthenticationId) <> @Root OR b.ClientCode <> @Code)
    BEGIN
        THROW 50070, N'RevCallBudget is not as it is written down: see share_budget.', 1;
    END;

    -- The time counts from here: waiting for the lock may have taken a while.
    SET @Now = SYSUTCDATETIME();

    SELECT
        @State = b.Preflight,
        @OwnTat = b.NextSlotAt,
        -- A preflight that another makes takes seconds, whatever its lease says.
        @PreflightFreeAt = CASE
            WHEN b.PreflightNotBefore > @Now THEN b.PreflightNotBefore
            WHEN b.PreflightLeaseUntil > @Now THEN DATEADD(SECOND, 5, @Now)
        END
    FROM dbo.BulkChangeWork AS b
    WHERE b.BulkChangeId = @BulkChangeId;
    SET @Outcome = CASE @State WHEN 'open' THEN 'theirs' ELSE @State END;

    -- A preflight is two calls, customer and products, or none; a chunk is as many rows as it gets.
    IF @State = 'open'
    BEGIN
        SET @Wanted = CASE WHEN @PreflightFreeAt IS NULL THEN 2 ELSE 0 END;
        SET @Needed = 2 + @Extra;
    END
    ELSE
    BEGIN
        SET @Wanted = (
            SELECT COUNT(*)
            FROM dbo.DeviceChangeWork AS w
            WHERE w.BulkChangeId = @BulkChangeId
              AND w.Chunk = @Chunk
              AND w.ClosedAt IS NULL
              AND w.ReviewSince IS NULL
              AND w.Step IN ('open-line', 'settle')
              AND (w.NotBefore IS NULL OR w.NotBefore <= @Now)
              AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now));
        SET @Wanted = CASE WHEN @Wanted > @Most THEN @Most ELSE @Wanted END;
        SET @Needed = 1 + @Extra;
    END;
END;

IF @Wanted > 0 AND @State IS NOT NULL
BEGIN
    SELECT
        @Tat = CASE WHEN b.NextSlotAt > @Now THEN b.NextSlotAt ELSE @Now END,
        -- 5 % of the limit a minute is a 1,200th a second.
        @Rate = CASE
            WHEN b.ReducedTo IS NULL OR b.ReducedTo >= @PerMinute THEN @PerMinute
            WHEN b.ReducedAt IS NULL OR b.ReducedAt >= @Now THEN b.ReducedTo
            WHEN DATEDIFF(SECOND, b.ReducedAt, @Now) >= 1200 THEN @PerMinute
            ELSE b.ReducedTo + CAST(@PerMinute AS bigint) * DATEDIFF(SECOND, b.ReducedAt, @Now) / 1200
        END,
        @CallsToday = CASE WHEN b.Today = CAST(@Now AS date) THEN b.CallsToday ELSE 0 END,
        @PausedUntil = b.PausedUntil
    FROM dbo.RevCallBudget AS b
    WHERE b.IntegrationAuthenticationId = @Root;
    SELECT @StoppedSince = b.StoppedSince, @NextProbeAt = b.NextProbeAt
    FROM dbo.RevCallBudget AS b
    WHERE b.IntegrationAuthenticationId = @Account;

    SET @Rate = CASE WHEN @Rate > @PerMinute THEN @PerMinute ELSE @Rate END;
    SET @IntervalUs = (60000000 + @Rate - 1) / @Rate;
    -- The burst is measured at the full rate, so that a reduced rate never lets more through at once.
    SET @FirstUs = DATEDIFF_BIG(MICROSECOND, @Now, @Tat) - (@Burst - 1) * ((60000000 + CAST(@PerMinute AS bigint) - 1) / @PerMinute);

    -- The own pace: how far ahead this bulk change is, and how long until it may be as far ahead as this would take it. One that
    -- is not ahead takes what it needs, however many there are.
    SET @PaceUs = CASE WHEN @Parts * @IntervalUs > 900000000 THEN 900000000 ELSE @Parts * @IntervalUs END;
    SET @OwnUs = CASE WHEN @OwnTat > @Now THEN DATEDIFF_BIG(MICROSECOND, @Now, @OwnTat) ELSE 0 END;
    IF @Parts > 1 AND @OwnUs > 0
    BEGIN
        SET @PaceWaitUs = @OwnUs + (@Needed - 1) * @PaceUs - @HorizonUs;
        SET @PaceWaitUs = CASE WHEN @PaceWaitUs > @OwnUs THEN @OwnUs ELSE @PaceWaitUs END;
        SET @WaitUs = @FirstUs + (@Needed - 1) * @IntervalUs - @SoonUs;
        SET @PaceWaitUs = CASE WHEN @PaceWaitUs > @WaitUs THEN @WaitUs ELSE @PaceWaitUs END;
    END;
    SET @WaitUs = @FirstUs + (@Needed - 1) * @IntervalUs - @HorizonUs;
    SET @WaitUs = CASE WHEN @PaceWaitUs > @WaitUs THEN @PaceWaitUs ELSE @WaitUs END;
    -- Whatever stands in the row: who waits asks again after 15 minutes.
    SET @WaitUs = CASE WHEN @WaitUs > 900000000 THEN 900000000 ELSE @WaitUs END;

    IF @PausedUntil > @Now
    BEGIN
        SET @WaitUntil = @PausedUntil;
    END
    ELSE IF @StoppedSince IS NOT NULL AND @NextProbeAt > @Now
    BEGIN
        SET @WaitUntil = @NextProbeAt;
    END
    ELSE IF @CallsToday + @Needed > @PerDay
    BEGIN
        SET @WaitUntil = DATEADD(DAY, 1, CAST(CAST(@Now AS date) AS datetime2(7)));
    END
    ELSE IF @WaitUs > 0
    BEGIN
        SET @WaitUntil = DATEADD(MILLISECOND, CAST(@WaitUs / 1000 + 1 AS int), @Now);
    END
    ELSE
    BEGIN
        SET @Free = (@HorizonUs - @FirstUs) / @IntervalUs + 1;
        SET @Free = CASE WHEN @Free > @PerDay - @CallsToday THEN @PerDay - @CallsToday ELSE @Free END;
        -- A stopped account: one probe, and the next in 5 minutes.
        SET @Free = CASE WHEN @StoppedSince IS NOT NULL AND @Free > @Needed THEN @Needed ELSE @Free END;
        IF @Parts > 1
        BEGIN
            -- In the own pace, or soon; a bulk change that is not ahead in any case what it needs.
            SET @Share = CASE WHEN @OwnUs <= @HorizonUs THEN (@HorizonUs - @OwnUs) / @PaceUs + 1 ELSE 0 END;
            SET @Share = CASE WHEN @FirstUs <= @SoonUs AND (@SoonUs - @FirstUs) / @IntervalUs + 1 > @Share
                THEN (@SoonUs - @FirstUs) / @IntervalUs + 1 ELSE @Share END;
            SET @Share = CASE WHEN @Share < @Needed THEN @Needed ELSE @Share END;
            SET @Free = CASE WHEN @Free > @Share THEN @Share ELSE @Free END;
        END;
        SET @Take = CASE WHEN @Free > @Wanted + @Extra THEN @Wanted + @Extra ELSE @Free END;
        UPDATE dbo.RevCallBudget
        SET NextSlotAt = DATEADD(MICROSECOND, CAST(@Take * @IntervalUs AS int), @Tat),
            Today = CAST(@Now AS date),
            CallsToday = @CallsToday + @Take
        WHERE IntegrationAuthenticationId = @Root;
        IF @StoppedSince IS NOT NULL
        BEGIN
            UPDATE dbo.RevCallBudget
            SET NextProbeAt = DATEADD(MINUTE, 5, @Now)
            WHERE IntegrationAuthenticationId = @Account AND StoppedSince IS NOT NULL;
        END;
        -- Never further ahead than one step beyond the horizon: what was taken because nobody else came is not held against it.
        SET @OwnUs = CASE WHEN @OwnUs + @Take * @PaceUs > @HorizonUs + @PaceUs THEN @HorizonUs + @PaceUs ELSE @OwnUs + @Take * @PaceUs END;
        UPDATE dbo.BulkChangeWork
        SET NextSlotAt = DATEADD(MICROSECOND, CAST(@OwnUs AS int), @Now)
        WHERE BulkChangeId = @BulkChangeId AND FinishedAt IS NULL;
    END;
END;

IF @State = 'open' AND @Take > 0
BEGIN
    UPDATE dbo.BulkChangeWork
    SET PreflightLeaseOwner = @Owner,
        PreflightLeaseUntil = DATEADD(MILLISECOND, @LeaseMs, @Now),
        PreflightNotBefore = NULL
    WHERE BulkChangeId = @BulkChangeId
      AND FinishedAt IS NULL
      AND Preflight = 'open'
      AND (PreflightLeaseUntil IS NULL OR PreflightLeaseUntil <= @Now)
      AND (PreflightNotBefore IS NULL OR PreflightNotBefore <= @Now);
    SET @Outcome = CASE WHEN @@ROWCOUNT = 1 THEN 'mine' ELSE 'theirs' END;
END
ELSE IF @Take > 0
BEGIN
    SET @CallRows = @Take - @Extra;
    UPDATE TOP (@CallRows) w
    SET LeaseOwner = @Owner,
        LeaseUntil = DATEADD(MILLISECOND, @LeaseMs, @Now),
        Fence = w.Fence + 1,
        OfferedAt = @Now,
        Step = CASE WHEN w.IntentReference IS NULL THEN w.Step ELSE 'settle' END,
        Unknowns = CASE WHEN w.Step = 'open-line' AND w.IntentReference IS NOT NULL THEN w.Unknowns + 1 ELSE w.Unknowns END,
        SettleAfter = CASE
            WHEN w.Step = 'open-line' AND w.IntentReference IS NULL THEN NULL
            WHEN w.SettleAfter IS NULL THEN DATEADD(SECOND, 60, COALESCE(w.LeaseUntil, @Now))
            ELSE w.SettleAfter
        END,
        IntentReference = CASE WHEN w.Step = 'open-line' THEN COALESCE(w.IntentReference, CONCAT('AMOP-', w.ChangeId)) ELSE w.IntentReference END,
        IntentNumber = CASE
            WHEN w.Step = 'open-line' AND w.IntentReference IS NULL
                THEN (SELECT COALESCE(JSON_VALUE(w.ChangeRequest, '$.Number'), NULLIF(m.MSISDN, N''), m.ICCID)
                      FROM dbo.M2M_DeviceChange AS m WHERE m.id = w.ChangeId)
            ELSE w.IntentNumber
        END,
        IntentCustomer = CASE WHEN w.Step = 'open-line' AND w.IntentReference IS NULL THEN @RevCustomerId ELSE w.IntentCustomer END,
        IntentIntegrationAuthenticationId = CASE
            WHEN w.Step = 'open-line' AND w.IntentReference IS NULL THEN @Account ELSE w.IntentIntegrationAuthenticationId
        END,
        IntentAt = CASE WHEN w.Step = 'open-line' AND w.IntentReference IS NULL THEN @Now ELSE w.IntentAt END
    OUTPUT inserted.ChangeId, CASE WHEN deleted.IntentReference IS NULL THEN 0 ELSE 1 END INTO @Claimed (ChangeId, EarlierIntent)
    FROM dbo.DeviceChangeWork AS w
    WHERE w.BulkChangeId = @BulkChangeId
      AND w.Chunk = @Chunk
      AND w.ClosedAt IS NULL
      AND w.ReviewSince IS NULL
      AND w.Step IN ('open-line', 'settle')
      AND (w.NotBefore IS NULL OR w.NotBefore <= @Now)
      AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now);
END;

-- Rows that need no call.
IF @State <> 'open'
BEGIN
    SET @Rest = @Most - (SELECT COUNT(*) FROM @Claimed);
    UPDATE TOP (@Rest) w
    SET LeaseOwner = @Owner,
        LeaseUntil = DATEADD(MILLISECOND, @LeaseMs, @Now),
        Fence = w.Fence + 1,
        OfferedAt = @Now
    OUTPUT inserted.ChangeId, CASE WHEN deleted.IntentReference IS NULL THEN 0 ELSE 1 END INTO @Claimed (ChangeId, EarlierIntent)
    FROM dbo.DeviceChangeWork AS w
    WHERE w.BulkChangeId = @BulkChangeId
      AND w.Chunk = @Chunk
      AND w.ClosedAt IS NULL
      AND w.ReviewSince IS NULL
      AND w.Step = 'assign'
      AND (w.NotBefore IS NULL OR w.NotBefore <= @Now)
      AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now);
END;

IF @State IS NOT NULL AND @Outcome <> 'mine' AND NOT EXISTS (SELECT 1 FROM @Claimed)
BEGIN
    -- Nothing to work on now: when is there?
    SELECT @Earliest = MIN(CASE
        WHEN @State = 'open' THEN COALESCE(@PreflightFreeAt, @WaitUntil, DATEADD(SECOND, 5, @Now))
        WHEN w.LeaseUntil > @Now AND (w.NotBefore IS NULL OR w.LeaseUntil > w.NotBefore) THEN w.LeaseUntil
        WHEN w.NotBefore > @Now THEN w.NotBefore
        ELSE COALESCE(@WaitUntil, @Now)
    END)
    FROM dbo.DeviceChangeWork AS w
    WHERE w.BulkChangeId = @BulkChangeId AND w.Chunk = @Chunk AND w.ClosedAt IS NULL AND w.ReviewSince IS NULL;
    -- The caller sends the chunk again for then (SQS delays by 15 minutes at most), so the sweep need not.
    SET @OfferedAt = CASE WHEN @Earliest > DATEADD(MINUTE, 15, @Now) THEN DATEADD(MINUTE, 15, @Now) ELSE @Earliest END;
    IF @OfferedAt IS NOT NULL
    BEGIN
        UPDATE w
        SET OfferedAt = @OfferedAt
        FROM dbo.DeviceChangeWork AS w
        WHERE w.BulkChangeId = @BulkChangeId
          AND w.Chunk = @Chunk
          AND w.ClosedAt IS NULL
          AND w.ReviewSince IS NULL
          AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now)
          AND (w.OfferedAt IS NULL OR w.OfferedAt < @OfferedAt);
    END;
END
ELSE IF @State IS NOT NULL
BEGIN
    UPDATE m
    SET Status = N'PROCESSING', ModifiedBy = N'AltaworxDeviceBulkChange', ModifiedDate = @Now
    FROM dbo.M2M_DeviceChange AS m
    INNER JOIN @Claimed AS c ON c.ChangeId = m.id
    WHERE m.Status IN (N'NEW', N'PENDING');
    UPDATE dbo.DeviceBulkChange
    SET Status = N'PROCESSING', ModifiedBy = N'AltaworxDeviceBulkChange', ModifiedDate = @Now
    WHERE id = @BulkChangeId AND Status IN (N'NEW', N'PENDING');
END;

COMMIT TRANSACTION;

-- 1. The bulk change.
SELECT
    d.id AS BulkChangeId,
    d.TenantId,
    d.CreatedBy,
    t.Name AS TenantName,
    d.ServiceProviderId,
    d.ChangeRequestTypeId,
    COALESCE(i.PortalTypeId, 0) AS PortalTypeId,
    d.Status,
    NULLIF(b.IntegrationAuthenticationId, 0) AS IntegrationAuthenticationId,
    b.RevCustomerId,
    CASE WHEN b.Preflight = 'refused' THEN COALESCE(b.PreflightDetails, N'rev-customer: Rev refused the bulk change') END AS PreflightRefused,
    COALESCE(b.CreateRevService, CAST(0 AS bit)) AS CreateRevService,
    b.Options,
    CAST(CASE WHEN b.BulkChangeId IS NULL THEN 0 ELSE 1 END AS bit) AS HasWork,
    CAST(CASE WHEN b.FinishedAt IS NULL THEN 0 ELSE 1 END AS bit) AS Finished
FROM dbo.DeviceBulkChange AS d
LEFT JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = d.id
LEFT JOIN dbo.Tenant AS t ON t.id = d.TenantId
LEFT JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
LEFT JOIN dbo.Integration AS i ON i.id = p.IntegrationId
WHERE d.id = @BulkChangeId;

-- 2. Preflight, slots and waiting.
SELECT
    COALESCE(@Outcome, 'not-needed') AS Preflight,
    @Take AS Taken,
    CAST(CASE WHEN @StoppedSince IS NULL THEN 0 ELSE 1 END AS bit) AS Probe,
    @FirstUs AS FirstUs,
    @IntervalUs AS IntervalUs,
    -- Never beyond 15 minutes: a pause may reach to the year 9999.
    CASE
        WHEN @OfferedAt IS NULL THEN NULL
        WHEN @OfferedAt <= @Now THEN CAST(0 AS bigint)
        ELSE DATEDIFF_BIG(MILLISECOND, @Now, @OfferedAt) + 1
    END AS WaitMs;

-- 3. The rows, with what decides read again: does the device exist, is it archived, has another customer got it by now? And
-- where a line is to be opened: has another change got one for the customer since the check? None can get one from here on,
-- because a device has one unfinished change. As in check.sql, a line that RevService knows to be disconnected is not live.
SELECT
    w.ChangeId,
    w.Fence,
    w.Step,
    w.DeviceId,
    m.ICCID,
    m.MSISDN,
    COALESCE(w.ChangeRequest, m.ChangeRequest, q.ChangeRequest) AS ChangeRequest,
    c.EarlierIntent,
    w.RevServiceLineId,
    w.Unknowns,
    CAST(CASE WHEN w.SettleAfter <= @Now THEN 1 ELSE 0 END AS bit) AS SettleDue,
    CASE
        WHEN w.AbsentAt IS NULL THEN NULL
        WHEN w.AbsentAt <= DATEADD(SECOND, -30, @Now) THEN CAST(1 AS bit)
        ELSE CAST(0 AS bit)
    END AS AbsentSince,
    w.Attempts,
    CAST(m.CreatedDate AS datetime2(3)) AS ChangeCreated,
    CASE
        WHEN d.id IS NULL THEN 'device-not-found'
        WHEN d.IsActive = 0 AND d.IsDeleted = 1 THEN 'device-archived'
        WHEN EXISTS (
            SELECT 1
            FROM dbo.Device_Tenant AS o
            WHERE o.DeviceId = w.DeviceId
              AND o.IsActive = 1
              AND o.IsDeleted = 0
              AND o.AccountNumber <> N''
              AND (o.TenantId <> w.TenantId
                   OR o.AccountNumber <> b.RevCustomerId
                   OR o.AccountNumberIntegrationAuthenticationId <> b.IntegrationAuthenticationId)) THEN 'assigned-to-other-customer'
        WHEN w.Step = 'open-line' AND EXISTS (
            SELECT 1
            FROM dbo.DeviceChangeWork AS e
            WHERE e.DeviceId = w.DeviceId
              AND e.ChangeId <> w.ChangeId
              AND e.RevServiceLineId IS NOT NULL
              AND e.IntentCustomer = b.RevCustomerId
              AND e.IntentIntegrationAuthenticationId = b.IntegrationAuthenticationId
              AND NOT EXISTS (
                  SELECT 1
                  FROM dbo.RevService AS r
                  WHERE r.IntegrationAuthenticationId = b.IntegrationAuthenticationId
                    AND r.RevServiceId = e.RevServiceLineId
                    AND (r.IsActive = 0 OR r.IsDeleted = 1 OR r.DisconnectedDate <> N''))) THEN 'active-service-line'
    END AS Blocked
FROM @Claimed AS c
INNER JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = c.ChangeId
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = c.ChangeId
LEFT JOIN dbo.DeviceChangeRequest AS q ON q.id = m.DeviceChangeRequestId
LEFT JOIN dbo.Device AS d ON d.id = w.DeviceId
ORDER BY w.ChangeId;

-- 4. The account's credentials, when asked for.
SELECT TOP (1)
    a.id AS IntegrationAuthenticationId,
    n.ProductionURL,
    a.OAuth2_ClientId,
    a.Username,
    a.Password
FROM dbo.Integration_Authentication AS a
INNER JOIN dbo.Integration_Connection AS n ON n.IntegrationId = a.IntegrationId
WHERE @WithAccount = 1 AND a.id = @Account AND n.IsActive = 1 AND n.IsDeleted = 0
ORDER BY n.id;
