-- more_slots: may this account be called so many more times, and when (GCRA, see docs/decisions/0050)?
--
-- The budget row is locked by the first UPDATE until COMMIT, so slots are handed out one caller after the other and no slot
-- twice. Run twice it takes twice as many slots; slots that nobody uses lapse. Accounts with one client code of Rev share the row
-- of the lowest of them, the root; whether the account is stopped stands in its own (docs/decisions/0070). Where their rows are not
-- written so, this ends with error 50070 and nothing is written, as the claim does. What is taken here belongs to calls that a claim
-- has begun, so no bulk change's share is asked.
-- @P1 account, @P2 calls wanted, @P3 horizon in microseconds, @P4 calls a minute, @P5 calls a day, @P6 burst.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @Account int = @P1;
DECLARE @Wanted int = @P2;
DECLARE @HorizonUs bigint = @P3;
DECLARE @PerMinute int = @P4;
DECLARE @PerDay int = @P5;
DECLARE @Burst int = @P6;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
DECLARE @Root int;
DECLARE @Code nvarchar(250);
DECLARE @Tat datetime2(7);
DECLARE @Rate bigint;
DECLARE @CallsToday int;
DECLARE @PausedUntil datetime2(7);
DECLARE @StoppedSince datetime2(7);
DECLARE @WaitUntil datetime2(7);
DECLARE @IntervalUs bigint;
DECLARE @FirstUs bigint;
DECLARE @WaitUs bigint;
DECLARE @Free bigint = 0;
DECLARE @Take int = 0;
DECLARE @Members TABLE (Id int NOT NULL PRIMARY KEY);

INSERT INTO @Members (Id)
SELECT o.id
FROM dbo.Integration_Authentication AS a
INNER JOIN dbo.Integration_Authentication AS o ON o.IntegrationId = a.IntegrationId
WHERE a.id = @Account
  AND (o.id = a.id
       OR (LTRIM(RTRIM(a.OAuth2_ClientId)) <> N'' AND LTRIM(RTRIM(o.OAuth2_ClientId)) = LTRIM(RTRIM(a.OAuth2_ClientId))));
SET @Root = COALESCE((SELECT MIN(o.Id) FROM @Members AS o), @Account);
SET @Code = COALESCE((SELECT LTRIM(RTRIM(a.OAuth2_ClientId)) FROM dbo.Integration_Authentication AS a WHERE a.id = @Account), N'');

BEGIN TRANSACTION;

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
SELECT @StoppedSince = b.StoppedSince FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @Account;

SET @Rate = CASE WHEN @Rate > @PerMinute THEN @PerMinute ELSE @Rate END;
SET @IntervalUs = (60000000 + @Rate - 1) / @Rate;
-- The burst is measured at the full rate, so that a reduced rate never lets more through at once.
SET @FirstUs = DATEDIFF_BIG(MICROSECOND, @Now, @Tat) - (@Burst - 1) * ((60000000 + CAST(@PerMinute AS bigint) - 1) / @PerMinute);

IF @PausedUntil > @Now
BEGIN
    SET @WaitUntil = @PausedUntil;
END
-- A stopped account has its one probe in the claim; what belongs to the probe was given with it.
ELSE IF @StoppedSince IS NOT NULL
BEGIN
    SET @WaitUntil = DATEADD(MINUTE, 5, @Now);
END
ELSE IF @CallsToday >= @PerDay
BEGIN
    SET @WaitUntil = DATEADD(DAY, 1, CAST(CAST(@Now AS date) AS datetime2(7)));
END
ELSE IF @FirstUs > @HorizonUs
BEGIN
    SET @WaitUs = @FirstUs - @HorizonUs;
    SET @WaitUs = CASE WHEN @WaitUs > 900000000 THEN 900000000 ELSE @WaitUs END;
    SET @WaitUntil = DATEADD(MILLISECOND, CAST(@WaitUs / 1000 + 1 AS int), @Now);
END
ELSE
BEGIN
    SET @Free = (@HorizonUs - @FirstUs) / @IntervalUs + 1;
    SET @Free = CASE WHEN @Free > @PerDay - @CallsToday THEN @PerDay - @CallsToday ELSE @Free END;
    SET @Take = CASE WHEN @Free > @Wanted THEN @Wanted ELSE @Free END;
    UPDATE dbo.RevCallBudget
    SET NextSlotAt = DATEADD(MICROSECOND, CAST(@Take * @IntervalUs AS int), @Tat),
        Today = CAST(@Now AS date),
        CallsToday = @CallsToday + @Take
    WHERE IntegrationAuthenticationId = @Root;
END;

COMMIT TRANSACTION;

SELECT
    @Take AS Taken,
    @FirstUs AS FirstUs,
    @IntervalUs AS IntervalUs,
    CASE WHEN @WaitUntil IS NULL THEN NULL ELSE DATEDIFF_BIG(MILLISECOND, @Now, @WaitUntil) + 1 END AS WaitMs;
