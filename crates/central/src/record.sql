-- record: the business write. Who owns the device from now on, what is billed, what changed, what happened?
--
-- One transaction for a set of changes of one bulk change. Only rows whose fence is still the caller's, that are open and not
-- in review take part; the first UPDATE decides it and locks them until COMMIT, so a second run finds them closed and changes
-- nothing. Check c is repeated in the WHERE of the write itself. A change with a line at Rev never ends in ERROR: it goes to review.
-- OUTPUT on tables that are not ours goes into table variables (a trigger there would make the plain form error 334).
-- @P1 bulk change, @P2 tenant, @P3 service provider, @P4 who asked for it, @P5 records as JSON, @P6 log entries as JSON.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint = @P1;
DECLARE @TenantId int = @P2;
DECLARE @ServiceProviderId int = @P3;
DECLARE @Actor nvarchar(50) = @P4;
DECLARE @By nvarchar(50) = N'AltaworxDeviceBulkChange';
DECLARE @Now datetime2(3) = SYSUTCDATETIME();
DECLARE @Today date = CAST(SYSUTCDATETIME() AS date);
DECLARE @Next bigint;
DECLARE @Details nvarchar(max);
DECLARE @Called bit;
DECLARE @Day date;
DECLARE @DeviceIds nvarchar(max);
DECLARE @Records TABLE (
    ChangeId bigint NOT NULL PRIMARY KEY,
    Fence bigint NOT NULL,
    Ending varchar(10) NOT NULL,
    Status nvarchar(50) NULL,
    Details nvarchar(max) NULL,
    DeviceId int NULL,
    AccountNumber nvarchar(50) NULL,
    Account int NULL,
    SiteId int NULL,
    EffectiveDate date NULL,
    PlanId int NULL,
    PoolId int NULL,
    AllocationMB decimal(25,4) NULL,
    LineId bigint NULL,
    LineNumber nvarchar(250) NULL,
    LineActivated nvarchar(50) NULL,
    LineDescription nvarchar(max) NULL,
    LineProrate bit NULL,
    ApiDetails nvarchar(max) NULL
);
DECLARE @Locked TABLE (ChangeId bigint NOT NULL PRIMARY KEY, DeviceId int NULL, LineId bigint NULL);
DECLARE @Held TABLE (
    ChangeId bigint NOT NULL PRIMARY KEY,
    Ending varchar(10) NOT NULL,
    Status nvarchar(50) NULL,
    Details nvarchar(max) NULL,
    DeviceId int NULL,
    LineId bigint NULL,
    AccountNumber nvarchar(50) NULL,
    Account int NULL,
    SiteId int NULL,
    -- The plan counts from now on, or waits for its day in the queue.
    PlanNow bit NOT NULL,
    PlanLater bit NOT NULL,
    HistoryDay date NULL,
    RevServiceId int NULL,
    ApiDetails nvarchar(max) NULL
);
DECLARE @Assigned TABLE (
    DeviceId int NOT NULL PRIMARY KEY,
    BeforeAccount nvarchar(50) NULL,
    BeforeAuthentication int NULL,
    BeforeSiteId int NULL,
    BeforeRevServiceId int NULL,
    BeforePlanId int NULL,
    BeforePoolId int NULL,
    AfterRevServiceId int NULL,
    AfterPlanId int NULL,
    AfterPoolId int NULL
);
DECLARE @Outcome TABLE (
    ChangeId bigint NOT NULL PRIMARY KEY,
    Outcome varchar(20) NOT NULL,
    Review bit NOT NULL,
    Status nvarchar(50) NOT NULL,
    Details nvarchar(max) NULL
);

INSERT INTO @Records (
    ChangeId, Fence, Ending, Status, Details, DeviceId, AccountNumber, Account, SiteId, EffectiveDate, PlanId, PoolId, AllocationMB,
    LineId, LineNumber, LineActivated, LineDescription, LineProrate, ApiDetails)
SELECT
    r.ChangeId, r.Fence, r.Ending, r.Status, r.Details, r.DeviceId, r.AccountNumber, r.Account, r.SiteId, r.EffectiveDate, r.PlanId, r.PoolId, r.AllocationMB,
    r.LineId, r.LineNumber, r.LineActivated, r.LineDescription, r.LineProrate, r.ApiDetails
FROM OPENJSON(@P5) WITH (
    ChangeId bigint '$.change',
    Fence bigint '$.fence',
    Ending varchar(10) '$.ending',
    Status nvarchar(50) '$.status',
    Details nvarchar(max) '$.details',
    DeviceId int '$.device',
    AccountNumber nvarchar(50) '$.accountNumber',
    Account int '$.account',
    SiteId int '$.site',
    EffectiveDate date '$.effectiveDate',
    PlanId int '$.plan',
    PoolId int '$.pool',
    AllocationMB decimal(25,4) '$.allocationMb',
    LineId bigint '$.line',
    LineNumber nvarchar(250) '$.lineNumber',
    LineActivated nvarchar(50) '$.lineActivated',
    LineDescription nvarchar(max) '$.lineDescription',
    LineProrate bit '$.lineProrate',
    ApiDetails nvarchar(max) '$.apiDetails'
) AS r;

BEGIN TRANSACTION;

-- Who is still mine. A line id that is not stored yet is stored here too; a record that does not know of the stored line is old.
UPDATE w
SET RevServiceLineId = COALESCE(w.RevServiceLineId, r.LineId)
OUTPUT inserted.ChangeId, inserted.DeviceId, inserted.RevServiceLineId INTO @Locked (ChangeId, DeviceId, LineId)
FROM dbo.DeviceChangeWork AS w
INNER JOIN @Records AS r ON r.ChangeId = w.ChangeId
WHERE w.BulkChangeId = @BulkChangeId
  AND w.Fence = r.Fence
  AND w.ClosedAt IS NULL
  AND w.ReviewSince IS NULL
  AND (r.Ending <> 'assign' OR r.LineId IS NOT NULL OR w.RevServiceLineId IS NULL);

-- The lines that were opened: ours to know, once each.
INSERT INTO dbo.RevService (
    RevCustomerId, Number, RevServiceId, ActivatedDate, IntegrationAuthenticationId, Description, ProRate,
    CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT
    (SELECT TOP (1) c.id
     FROM dbo.RevCustomer AS c
     WHERE c.TenantId = @TenantId AND c.RevCustomerId = r.AccountNumber AND c.IntegrationAuthenticationId = r.Account
     ORDER BY c.IsDeleted, c.id),
    r.LineNumber, l.LineId, r.LineActivated, r.Account, r.LineDescription, COALESCE(r.LineProrate, 0),
    @By, @Now, 1, 0
FROM @Locked AS l
INNER JOIN @Records AS r ON r.ChangeId = l.ChangeId
WHERE r.Ending = 'assign'
  AND l.LineId IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM dbo.RevService AS s WHERE s.IntegrationAuthenticationId = r.Account AND s.RevServiceId = l.LineId);

INSERT INTO @Held (
    ChangeId, Ending, Status, Details, DeviceId, LineId, AccountNumber, Account, SiteId,
    PlanNow, PlanLater, HistoryDay, RevServiceId, ApiDetails)
SELECT
    l.ChangeId,
    CASE
        WHEN r.Ending = 'assign' AND r.LineId <> l.LineId THEN 'review'
        WHEN r.Ending = 'failed' AND l.LineId IS NOT NULL THEN 'review'
        ELSE r.Ending
    END,
    r.Status,
    CASE
        WHEN r.Ending = 'assign' AND r.LineId <> l.LineId
            THEN CONCAT(N'billing-outcome-unknown: service line ', r.LineId, N' was opened at Rev beside service line ', l.LineId)
        ELSE r.Details
    END,
    COALESCE(r.DeviceId, l.DeviceId),
    l.LineId,
    r.AccountNumber,
    r.Account,
    r.SiteId,
    CASE WHEN r.PlanId IS NOT NULL AND r.EffectiveDate <= @Today THEN 1 ELSE 0 END,
    CASE WHEN r.PlanId IS NOT NULL AND r.EffectiveDate > @Today THEN 1 ELSE 0 END,
    CASE WHEN r.EffectiveDate > @Today THEN @Today ELSE COALESCE(r.EffectiveDate, @Today) END,
    CASE WHEN l.LineId IS NULL THEN NULL ELSE (
        SELECT MIN(s.id) FROM dbo.RevService AS s WHERE s.IntegrationAuthenticationId = r.Account AND s.RevServiceId = l.LineId) END,
    r.ApiDetails
FROM @Locked AS l
INNER JOIN @Records AS r ON r.ChangeId = l.ChangeId;

-- Ownership, with check c in the write. What the request does not give is kept for the same customer and cleared for a new one.
UPDATE t
SET SiteId = h.SiteId,
    AccountNumber = h.AccountNumber,
    AccountNumberIntegrationAuthenticationId = h.Account,
    RevServiceId = CASE
        WHEN h.RevServiceId IS NOT NULL THEN h.RevServiceId
        WHEN t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber = h.AccountNumber THEN t.RevServiceId
        ELSE NULL
    END,
    CustomerRatePlanId = CASE
        WHEN h.PlanNow = 1 THEN r.PlanId
        WHEN t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber = h.AccountNumber THEN t.CustomerRatePlanId
        ELSE NULL
    END,
    CustomerRatePoolId = CASE
        WHEN h.PlanNow = 1 AND r.PoolId IS NOT NULL THEN r.PoolId
        WHEN t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber = h.AccountNumber THEN t.CustomerRatePoolId
        ELSE NULL
    END,
    CustomerDataAllocationMB = CASE
        WHEN h.PlanNow = 1 THEN r.AllocationMB
        WHEN t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber = h.AccountNumber THEN t.CustomerDataAllocationMB
        ELSE NULL
    END,
    IsActive = 1,
    IsDeleted = 0,
    DeletedBy = NULL,
    DeletedDate = NULL,
    ModifiedBy = @Actor,
    ModifiedDate = @Now
OUTPUT
    inserted.DeviceId,
    CASE WHEN deleted.IsActive = 1 AND deleted.IsDeleted = 0 THEN deleted.AccountNumber END,
    CASE WHEN deleted.IsActive = 1 AND deleted.IsDeleted = 0 THEN deleted.AccountNumberIntegrationAuthenticationId END,
    CASE WHEN deleted.IsActive = 1 AND deleted.IsDeleted = 0 THEN deleted.SiteId END,
    CASE WHEN deleted.IsActive = 1 AND deleted.IsDeleted = 0 THEN deleted.RevServiceId END,
    CASE WHEN deleted.IsActive = 1 AND deleted.IsDeleted = 0 THEN deleted.CustomerRatePlanId END,
    CASE WHEN deleted.IsActive = 1 AND deleted.IsDeleted = 0 THEN deleted.CustomerRatePoolId END,
    inserted.RevServiceId,
    inserted.CustomerRatePlanId,
    inserted.CustomerRatePoolId
INTO @Assigned (
    DeviceId, BeforeAccount, BeforeAuthentication, BeforeSiteId, BeforeRevServiceId, BeforePlanId, BeforePoolId,
    AfterRevServiceId, AfterPlanId, AfterPoolId)
FROM dbo.Device_Tenant AS t
INNER JOIN @Held AS h ON h.DeviceId = t.DeviceId
INNER JOIN @Records AS r ON r.ChangeId = h.ChangeId
WHERE h.Ending = 'assign'
  AND t.TenantId = @TenantId
  AND (t.IsActive = 0
       OR t.IsDeleted = 1
       OR t.AccountNumber IS NULL
       OR t.AccountNumber = N''
       OR (t.AccountNumber = h.AccountNumber
           AND (t.AccountNumberIntegrationAuthenticationId IS NULL OR t.AccountNumberIntegrationAuthenticationId = h.Account)))
  AND NOT EXISTS (
      SELECT 1
      FROM dbo.Device_Tenant AS o
      WHERE o.DeviceId = h.DeviceId AND o.TenantId <> @TenantId AND o.IsActive = 1 AND o.IsDeleted = 0 AND o.AccountNumber <> N'');

INSERT INTO dbo.Device_Tenant (
    DeviceId, TenantId, SiteId, AccountNumber, AccountNumberIntegrationAuthenticationId, RevServiceId,
    CustomerRatePlanId, CustomerRatePoolId, CustomerDataAllocationMB, CreatedBy, CreatedDate, IsActive, IsDeleted)
OUTPUT inserted.DeviceId, inserted.RevServiceId, inserted.CustomerRatePlanId, inserted.CustomerRatePoolId
INTO @Assigned (DeviceId, AfterRevServiceId, AfterPlanId, AfterPoolId)
SELECT
    h.DeviceId, @TenantId, h.SiteId, h.AccountNumber, h.Account, h.RevServiceId,
    CASE WHEN h.PlanNow = 1 THEN r.PlanId END,
    CASE WHEN h.PlanNow = 1 THEN r.PoolId END,
    CASE WHEN h.PlanNow = 1 THEN r.AllocationMB END,
    @Actor, @Now, 1, 0
FROM @Held AS h
INNER JOIN @Records AS r ON r.ChangeId = h.ChangeId
WHERE h.Ending = 'assign'
  AND h.DeviceId IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM dbo.Device_Tenant AS t WHERE t.DeviceId = h.DeviceId AND t.TenantId = @TenantId)
  AND NOT EXISTS (
      SELECT 1
      FROM dbo.Device_Tenant AS o
      WHERE o.DeviceId = h.DeviceId AND o.TenantId <> @TenantId AND o.IsActive = 1 AND o.IsDeleted = 0 AND o.AccountNumber <> N'');

-- How each change ends.
INSERT INTO @Outcome (ChangeId, Outcome, Review, Status, Details)
SELECT
    h.ChangeId,
    CASE
        WHEN h.Ending = 'assign' AND a.DeviceId IS NOT NULL THEN 'assigned'
        WHEN h.Ending = 'assign' THEN 'assigned-to-other'
        ELSE h.Ending
    END,
    CASE
        WHEN h.Ending = 'review' THEN 1
        WHEN h.Ending = 'assign' AND a.DeviceId IS NULL AND h.LineId IS NOT NULL THEN 1
        ELSE 0
    END,
    CASE
        WHEN h.Ending = 'assign' AND a.DeviceId IS NOT NULL THEN N'PROCESSED'
        WHEN h.Ending = 'review' THEN N'API_FAILED'
        WHEN h.Ending = 'assign' AND h.LineId IS NOT NULL THEN N'API_FAILED'
        WHEN h.Ending = 'assign' THEN N'ERROR'
        ELSE COALESCE(h.Status, N'ERROR')
    END,
    CASE
        WHEN h.Ending = 'assign' AND a.DeviceId IS NOT NULL THEN COALESCE(h.ApiDetails, N'OK')
        WHEN h.Ending = 'assign' AND h.LineId IS NOT NULL
            THEN CONCAT(N'assigned-to-other-customer: service line ', h.LineId, N' is open at Rev, but the device was assigned to another customer since the request')
        WHEN h.Ending = 'assign' THEN N'assigned-to-other-customer: the device was assigned to another customer since the request'
        ELSE h.Details
    END
FROM @Held AS h
LEFT JOIN @Assigned AS a ON a.DeviceId = h.DeviceId;

-- What was queued for an earlier owner is not for this one; and of two plans for one day, or of one that is due already and
-- one that counts from now, the newer holds (docs/decisions/0092).
UPDATE q
SET IsActive = 0, ModifiedBy = @By, ModifiedDate = @Now
FROM dbo.Device_CustomerRatePlanOrRatePool_Queue AS q
INNER JOIN @Assigned AS a ON a.DeviceId = q.DeviceId
INNER JOIN @Held AS h ON h.DeviceId = a.DeviceId
INNER JOIN @Records AS r ON r.ChangeId = h.ChangeId
WHERE h.Ending = 'assign'
  AND q.TenantId = @TenantId
  AND q.PortalType = 0
  AND q.IsActive = 1
  AND (COALESCE(a.BeforeAccount, N'') <> h.AccountNumber
       OR a.BeforeAuthentication <> h.Account
       OR (h.PlanLater = 1 AND CAST(q.EffectiveDate AS date) = r.EffectiveDate)
       OR (h.PlanNow = 1 AND CAST(q.EffectiveDate AS date) <= @Today));

-- A plan with a day in the future waits for it.
INSERT INTO dbo.Device_CustomerRatePlanOrRatePool_Queue (
    DeviceId, CustomerRatePlanId, CustomerRatePoolId, CustomerDataAllocationMB, EffectiveDate, PortalType, TenantId,
    CreatedBy, CreatedDate, IsActive)
SELECT h.DeviceId, r.PlanId, r.PoolId, r.AllocationMB, r.EffectiveDate, 0, @TenantId, @Actor, @Now, 1
FROM @Held AS h
INNER JOIN @Records AS r ON r.ChangeId = h.ChangeId
INNER JOIN @Assigned AS a ON a.DeviceId = h.DeviceId
WHERE h.Ending = 'assign' AND h.PlanLater = 1;

-- One history row per changed field, with the value before and after.
INSERT INTO dbo.DeviceActionHistory (
    ServiceProviderId, M2MDeviceId, BulkChangeId, ICCID, MSISDN, PreviousValue, CurrentValue, ChangedField, ChangeEventType,
    DateOfChange, ChangedBy, Username, CustomerAccountName, CustomerAccountNumber, TenantId, IsActive, IsDeleted)
SELECT
    d.ServiceProviderId, d.id, @BulkChangeId, d.ICCID, d.MSISDN, LEFT(f.PreviousValue, 250), LEFT(f.CurrentValue, 250), f.ChangedField, N'Associate Customer',
    @Now, @Actor, LEFT(d.Username, 150), s.Name, h.AccountNumber, @TenantId, 1, 0
FROM (
    SELECT
        h.ChangeId,
        N'Customer' AS ChangedField,
        CASE
            WHEN a.BeforeAccount <> N'' AND b.Name IS NOT NULL THEN CONCAT(b.Name, N' (', a.BeforeAccount, N')')
            WHEN a.BeforeAccount <> N'' THEN a.BeforeAccount
        END AS PreviousValue,
        CONCAT(n.Name, N' (', h.AccountNumber, N')') AS CurrentValue
    FROM @Held AS h
    INNER JOIN @Assigned AS a ON a.DeviceId = h.DeviceId
    LEFT JOIN dbo.Sites AS b ON b.id = a.BeforeSiteId
    LEFT JOIN dbo.Sites AS n ON n.id = h.SiteId
    WHERE h.Ending = 'assign'
      AND (COALESCE(a.BeforeAccount, N'') <> h.AccountNumber
           OR COALESCE(a.BeforeAuthentication, 0) <> h.Account
           OR COALESCE(a.BeforeSiteId, 0) <> h.SiteId)
    UNION ALL
    SELECT h.ChangeId, N'Rev Service', CAST(b.RevServiceId AS nvarchar(20)), CAST(n.RevServiceId AS nvarchar(20))
    FROM @Held AS h
    INNER JOIN @Assigned AS a ON a.DeviceId = h.DeviceId
    LEFT JOIN dbo.RevService AS b ON b.id = a.BeforeRevServiceId
    LEFT JOIN dbo.RevService AS n ON n.id = a.AfterRevServiceId
    WHERE h.Ending = 'assign' AND COALESCE(a.BeforeRevServiceId, 0) <> COALESCE(a.AfterRevServiceId, 0)
    UNION ALL
    SELECT h.ChangeId, N'Customer Rate Plan', b.RatePlanName, n.RatePlanName
    FROM @Held AS h
    INNER JOIN @Assigned AS a ON a.DeviceId = h.DeviceId
    LEFT JOIN dbo.JasperCustomerRatePlan AS b ON b.id = a.BeforePlanId
    LEFT JOIN dbo.JasperCustomerRatePlan AS n ON n.id = a.AfterPlanId
    WHERE h.Ending = 'assign' AND COALESCE(a.BeforePlanId, 0) <> COALESCE(a.AfterPlanId, 0)
    UNION ALL
    SELECT h.ChangeId, N'Customer Rate Pool', b.Name, n.Name
    FROM @Held AS h
    INNER JOIN @Assigned AS a ON a.DeviceId = h.DeviceId
    LEFT JOIN dbo.CustomerRatePool AS b ON b.id = a.BeforePoolId
    LEFT JOIN dbo.CustomerRatePool AS n ON n.id = a.AfterPoolId
    WHERE h.Ending = 'assign' AND COALESCE(a.BeforePoolId, 0) <> COALESCE(a.AfterPoolId, 0)
) AS f
INNER JOIN @Held AS h ON h.ChangeId = f.ChangeId
INNER JOIN dbo.Device AS d ON d.id = h.DeviceId
LEFT JOIN dbo.Sites AS s ON s.id = h.SiteId;

-- The history across providers, once per distinct date (a bulk change has one provider).
SET @Day = (
    SELECT MIN(h.HistoryDay) FROM @Held AS h INNER JOIN @Assigned AS a ON a.DeviceId = h.DeviceId WHERE h.Ending = 'assign');
WHILE @Day IS NOT NULL
BEGIN
    SET @DeviceIds = (
        SELECT STRING_AGG(CONVERT(nvarchar(max), h.DeviceId), N',')
        FROM @Held AS h
        INNER JOIN @Assigned AS a ON a.DeviceId = h.DeviceId
        WHERE h.Ending = 'assign' AND h.HistoryDay = @Day);
    EXEC dbo.usp_UpdateCrossProviderDeviceHistory @DeviceIds, N'', 0, @TenantId, @ServiceProviderId, @Day;
    SET @Day = (
        SELECT MIN(h.HistoryDay)
        FROM @Held AS h
        INNER JOIN @Assigned AS a ON a.DeviceId = h.DeviceId
        WHERE h.Ending = 'assign' AND h.HistoryDay > @Day);
END;

-- The existing procedure for changes with a call to Rev; its body is not ours, so the status is set after it.
SET @Next = (SELECT MIN(h.ChangeId) FROM @Held AS h WHERE h.ApiDetails IS NOT NULL);
WHILE @Next IS NOT NULL
BEGIN
    SELECT @Details = h.ApiDetails, @Called = CASE WHEN h.LineId IS NULL THEN 0 ELSE 1 END FROM @Held AS h WHERE h.ChangeId = @Next;
    EXEC dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange @ChangeId = @Next, @apiCallResult = @Called, @statusDetails = @Details;
    SET @Next = (SELECT MIN(h.ChangeId) FROM @Held AS h WHERE h.ApiDetails IS NOT NULL AND h.ChangeId > @Next);
END;

UPDATE m
SET Status = o.Status,
    StatusDetails = o.Details,
    IsProcessed = 1,
    HasErrors = CASE WHEN o.Outcome = 'assigned' THEN 0 ELSE 1 END,
    ProcessedDate = @Now,
    ProcessedBy = @By,
    ModifiedBy = @By,
    ModifiedDate = @Now
FROM dbo.M2M_DeviceChange AS m
INNER JOIN @Outcome AS o ON o.ChangeId = m.id;

-- What happened, step by step. Where check c missed, the assignment did not happen, whatever the entry says. Calls of changes
-- that are not recorded yet (their outcome is unknown, they were handed back) are told once; those of a lost fence are not told.
INSERT INTO dbo.DeviceBulkChangeLog (
    BulkChangeId, M2MDeviceChangeId, LogEntryDescription, RequestText, HasErrors, ResponseStatus, ResponseText, ErrorText,
    ProcessedDate, ProcessedBy, CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT
    @BulkChangeId,
    e.ChangeId,
    e.Description,
    e.RequestText,
    CASE WHEN o.Outcome = 'assigned-to-other' AND e.Description LIKE N'AMOP Customer%' THEN 1 ELSE e.HasErrors END,
    CASE WHEN o.Outcome = 'assigned-to-other' AND e.Description LIKE N'AMOP Customer%' THEN N'ERROR' ELSE e.ResponseStatus END,
    CASE WHEN o.Outcome = 'assigned-to-other' AND e.Description LIKE N'AMOP Customer%' THEN NULL ELSE e.ResponseText END,
    CASE WHEN o.Outcome = 'assigned-to-other' AND e.Description LIKE N'AMOP Customer%' THEN o.Details ELSE e.ErrorText END,
    @Now, @By, @Actor, @Now, 1, 0
FROM OPENJSON(@P6) WITH (
    ChangeId bigint '$.change',
    Description nvarchar(max) '$.description',
    RequestText nvarchar(max) '$.request',
    HasErrors bit '$.hasErrors',
    ResponseStatus nvarchar(50) '$.responseStatus',
    ResponseText nvarchar(max) '$.response',
    ErrorText nvarchar(max) '$.error'
) AS e
INNER JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = e.ChangeId AND w.BulkChangeId = @BulkChangeId
LEFT JOIN @Outcome AS o ON o.ChangeId = e.ChangeId
WHERE o.ChangeId IS NOT NULL
   OR (NOT EXISTS (SELECT 1 FROM @Records AS r WHERE r.ChangeId = e.ChangeId)
       AND NOT EXISTS (
           SELECT 1
           FROM dbo.DeviceBulkChangeLog AS l
           WHERE l.BulkChangeId = @BulkChangeId
             AND l.M2MDeviceChangeId = e.ChangeId
             AND l.LogEntryDescription = e.Description
             AND COALESCE(l.ResponseText, N'') = COALESCE(e.ResponseText, N'')
             AND COALESCE(l.ErrorText, N'') = COALESCE(e.ErrorText, N'')));

UPDATE w
SET Step = CASE WHEN o.Review = 1 THEN w.Step ELSE 'done' END,
    ClosedAt = CASE WHEN o.Review = 1 THEN NULL ELSE @Now END,
    ReviewSince = CASE WHEN o.Review = 1 THEN @Now ELSE NULL END,
    LeaseOwner = NULL,
    LeaseUntil = NULL,
    NotBefore = NULL,
    LastError = CASE WHEN o.Outcome = 'assigned' THEN NULL ELSE LEFT(o.Details, 1000) END
FROM dbo.DeviceChangeWork AS w
INNER JOIN @Outcome AS o ON o.ChangeId = w.ChangeId;

COMMIT TRANSACTION;

-- The last result set, whatever the procedures of an existing database return before it.
SELECT r.ChangeId, CASE WHEN o.ChangeId IS NULL THEN 'stale' WHEN o.Outcome = 'assigned-to-other' THEN o.Outcome WHEN o.Review = 1 THEN 'review' ELSE o.Outcome END AS Outcome
FROM @Records AS r
LEFT JOIN @Outcome AS o ON o.ChangeId = r.ChangeId
ORDER BY r.ChangeId;
