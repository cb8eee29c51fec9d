-- finish: is the bulk change done, and if not, when is the rest of this chunk due?
--
-- Asked after the COMMIT of the business write, so whoever commits last sees everything closed. Several may ask at once: the
-- UPDATE ... WHERE FinishedAt IS NULL has one winner, and what happens once goes into the winner's transaction. The link
-- procedure runs before it, on its own (at least once): it is allowed to take long and holds no lock of ours meanwhile.
-- Rows in review do not hold a bulk change up.
-- @P1 bulk change, @P2 chunk, @P3 notice wanted, @P4 somebody takes carrier plan changes.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint = @P1;
DECLARE @Chunk int = @P2;
DECLARE @NoticeWanted bit = @P3;
DECLARE @CarrierWanted bit = @P4;
DECLARE @By nvarchar(50) = N'AltaworxDeviceBulkChange';
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
DECLARE @LinkProcedure nvarchar(128) = N'dbo.UPDATE_DEVICE_REV_SERVICE_LINKS';
DECLARE @Unfinished bit = 0;
DECLARE @Won bit = 0;
DECLARE @TenantId int;
DECLARE @ServiceProviderId int;
DECLARE @Actor nvarchar(50);
DECLARE @TenantName nvarchar(250);
DECLARE @CarrierPlan nvarchar(4000);
DECLARE @CommPlan nvarchar(4000);
DECLARE @LinkedId bigint;
DECLARE @RequestId bigint;
DECLARE @NoticeId bigint;
DECLARE @NoticePayload nvarchar(max);
DECLARE @CarrierId bigint;
DECLARE @CarrierPayload nvarchar(max);
DECLARE @Due datetime2(7);

IF EXISTS (SELECT 1 FROM dbo.BulkChangeWork AS b WHERE b.BulkChangeId = @BulkChangeId AND b.FinishedAt IS NULL)
   AND NOT EXISTS (
       SELECT 1 FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = @BulkChangeId AND w.ClosedAt IS NULL AND w.ReviewSince IS NULL)
BEGIN
    SET @Unfinished = 1;
END;

IF @Unfinished = 1
BEGIN
    -- An AltaworxCentral that exists has the procedure under this name.
    IF OBJECT_ID(N'dbo.usp_UpdateDevice_RevServiceLinks', N'P') IS NOT NULL
    BEGIN
        SET @LinkProcedure = N'dbo.usp_UpdateDevice_RevServiceLinks';
    END;
    EXEC @LinkProcedure;

    BEGIN TRANSACTION;

    -- Waits for whoever reopens a change of it (settle.sql), so that the next statement sees what is open by then.
    UPDATE dbo.BulkChangeWork SET FinishedAt = FinishedAt WHERE BulkChangeId = @BulkChangeId;

    UPDATE dbo.BulkChangeWork
    SET FinishedAt = SYSUTCDATETIME()
    WHERE BulkChangeId = @BulkChangeId
      AND FinishedAt IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = @BulkChangeId AND w.ClosedAt IS NULL AND w.ReviewSince IS NULL);
    SET @Won = CASE WHEN @@ROWCOUNT = 1 THEN 1 ELSE 0 END;

    IF @Won = 1
    BEGIN
        SET @Now = SYSUTCDATETIME();
        SELECT
            @TenantId = d.TenantId,
            @ServiceProviderId = d.ServiceProviderId,
            @Actor = d.CreatedBy,
            @TenantName = t.Name,
            @CarrierPlan = JSON_VALUE(b.Options, '$.carrierPlan.carrierRatePlan'),
            @CommPlan = JSON_VALUE(b.Options, '$.carrierPlan.commPlan')
        FROM dbo.BulkChangeWork AS b
        INNER JOIN dbo.DeviceBulkChange AS d ON d.id = b.BulkChangeId
        LEFT JOIN dbo.Tenant AS t ON t.id = d.TenantId
        WHERE b.BulkChangeId = @BulkChangeId;

        -- ERROR only when no device succeeded; the status of a change is never touched here.
        UPDATE dbo.DeviceBulkChange
        SET Status = CASE
                WHEN EXISTS (
                    SELECT 1 FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @BulkChangeId AND m.Status = N'PROCESSED') THEN N'PROCESSED'
                ELSE N'ERROR'
            END,
            ProcessedDate = @Now,
            ProcessedBy = @By,
            ModifiedBy = @By,
            ModifiedDate = @Now
        WHERE id = @BulkChangeId;

        -- The carrier plan of the devices that were associated: a bulk change of its own. One that was opened again and ends
        -- again makes another, of the devices that are in none yet.
        IF @CarrierPlan IS NOT NULL
           AND EXISTS (
               SELECT 1
               FROM dbo.M2M_DeviceChange AS m
               INNER JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = m.id
               WHERE m.BulkChangeId = @BulkChangeId AND m.Status = N'PROCESSED' AND w.LinkedBulkChangeId IS NULL)
        BEGIN
            INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy, CreatedDate, IsActive, IsDeleted)
            VALUES (2, @ServiceProviderId, @TenantId, N'NEW', @Actor, @Now, 1, 0);
            SET @LinkedId = CAST(SCOPE_IDENTITY() AS bigint);

            UPDATE w
            SET LinkedBulkChangeId = @LinkedId
            FROM dbo.DeviceChangeWork AS w
            INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = w.ChangeId
            WHERE m.BulkChangeId = @BulkChangeId AND m.Status = N'PROCESSED' AND w.LinkedBulkChangeId IS NULL;

            INSERT INTO dbo.DeviceChangeRequest (BulkChangeId, ChangeRequest, CreatedBy, CreatedDate, IsActive, IsDeleted)
            VALUES (
                @LinkedId,
                CONCAT(
                    N'{"CarrierRatePlanUpdate":{"CarrierRatePlan":"', STRING_ESCAPE(@CarrierPlan, 'json'), N'","CommPlan":',
                    CASE WHEN @CommPlan IS NULL THEN N'null' ELSE CONCAT(N'"', STRING_ESCAPE(@CommPlan, 'json'), N'"') END,
                    N',"EffectiveDate":null}}'),
                @Actor, @Now, 1, 0);
            SET @RequestId = CAST(SCOPE_IDENTITY() AS bigint);

            INSERT INTO dbo.M2M_DeviceChange (
                BulkChangeId, ICCID, MSISDN, DeviceId, DeviceChangeRequestId, IsProcessed, HasErrors, Status,
                CreatedBy, CreatedDate, IsActive, IsDeleted)
            SELECT @LinkedId, m.ICCID, m.MSISDN, COALESCE(m.DeviceId, w.DeviceId), @RequestId, 0, 0, N'PENDING', @Actor, @Now, 1, 0
            FROM dbo.M2M_DeviceChange AS m
            INNER JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = m.id
            WHERE m.BulkChangeId = @BulkChangeId AND w.LinkedBulkChangeId = @LinkedId
            ORDER BY m.id;

            INSERT INTO dbo.DeviceActionHistory (
                ServiceProviderId, M2MDeviceId, BulkChangeId, ICCID, MSISDN, PreviousValue, CurrentValue, ChangedField, ChangeEventType,
                DateOfChange, ChangedBy, Username, CustomerAccountName, CustomerAccountNumber, TenantId, IsActive, IsDeleted)
            SELECT
                d.ServiceProviderId, d.id, @BulkChangeId, d.ICCID, d.MSISDN, LEFT(d.RatePlan, 250), LEFT(@CarrierPlan, 250),
                N'Carrier Rate Plan', N'Associate Customer', @Now, @Actor, LEFT(d.Username, 150), s.Name, dt.AccountNumber, @TenantId, 1, 0
            FROM dbo.M2M_DeviceChange AS m
            INNER JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = m.id
            INNER JOIN dbo.Device AS d ON d.id = COALESCE(m.DeviceId, w.DeviceId)
            LEFT JOIN dbo.Device_Tenant AS dt ON dt.DeviceId = d.id AND dt.TenantId = @TenantId
            LEFT JOIN dbo.Sites AS s ON s.id = dt.SiteId
            WHERE m.BulkChangeId = @BulkChangeId AND w.LinkedBulkChangeId = @LinkedId AND COALESCE(d.RatePlan, N'') <> @CarrierPlan
            ORDER BY m.id;

            -- Offered at once by the caller, and by the sweep what is left a minute later.
            IF @CarrierWanted = 1
            BEGIN
                SET @CarrierPayload = CONCAT(N'{"bulkChangeId":', @LinkedId, N'}');
                INSERT INTO dbo.BulkChangeOutbox (Kind, BulkChangeId, Payload, CreatedAt, NextAttemptAt)
                VALUES ('carrier', @BulkChangeId, @CarrierPayload, @Now, DATEADD(SECOND, 60, @Now));
                SET @CarrierId = CAST(SCOPE_IDENTITY() AS bigint);
            END;
        END;

        -- The newer system is told once; the caller sends it at once, the sweep what is left a minute later.
        IF @NoticeWanted = 1
        BEGIN
            SET @NoticePayload = CONCAT(
                N'{"data":{"path":"/lambda_sync_jobs_","key_name":"m2m_inventory_live_sync","tenant_id":', @TenantId, N',"tenant_name":',
                CASE WHEN @TenantName IS NULL THEN N'null' ELSE CONCAT(N'"', STRING_ESCAPE(@TenantName, 'json'), N'"') END, N'}}');
            INSERT INTO dbo.BulkChangeOutbox (Kind, BulkChangeId, Payload, CreatedAt, NextAttemptAt)
            VALUES ('notice', @BulkChangeId, @NoticePayload, @Now, DATEADD(SECOND, 60, @Now));
            SET @NoticeId = CAST(SCOPE_IDENTITY() AS bigint);
        END;

        UPDATE dbo.BulkChangeWork
        SET LinkedBulkChangeId = COALESCE(@LinkedId, LinkedBulkChangeId), NoticeOutboxId = COALESCE(@NoticeId, NoticeOutboxId)
        WHERE BulkChangeId = @BulkChangeId;
    END;

    COMMIT TRANSACTION;
END
ELSE
BEGIN
    -- Open rows of this chunk that nobody holds: the caller offers the chunk again for then, so the sweep need not.
    SELECT @Due = MIN(CASE WHEN w.NotBefore > @Now THEN w.NotBefore ELSE @Now END)
    FROM dbo.DeviceChangeWork AS w
    WHERE w.BulkChangeId = @BulkChangeId
      AND w.Chunk = @Chunk
      AND w.ClosedAt IS NULL
      AND w.ReviewSince IS NULL
      AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now);
    IF @Due IS NOT NULL
    BEGIN
        UPDATE w
        SET OfferedAt = CASE WHEN @Due > DATEADD(MINUTE, 15, @Now) THEN DATEADD(MINUTE, 15, @Now) ELSE @Due END
        FROM dbo.DeviceChangeWork AS w
        WHERE w.BulkChangeId = @BulkChangeId
          AND w.Chunk = @Chunk
          AND w.ClosedAt IS NULL
          AND w.ReviewSince IS NULL
          AND (w.LeaseUntil IS NULL OR w.LeaseUntil <= @Now);
    END;
END;

SELECT
    @Won AS Won,
    @LinkedId AS LinkedBulkChangeId,
    @NoticeId AS NoticeId,
    @NoticePayload AS NoticePayload,
    @CarrierId AS CarrierId,
    @CarrierPayload AS CarrierPayload,
    CASE WHEN @Due IS NULL THEN NULL WHEN @Due <= @Now THEN CAST(0 AS bigint) ELSE DATEDIFF_BIG(MILLISECOND, @Now, @Due) + 1 END AS DueMs;
