-- Old way, once a page without service lines: the devices of the page get their owner and plan, in one go.
--
-- The old portal wrote them in bulk within the web request, and the function wrote the plan once more with one procedure for all
-- of them; here it is one statement a page. History and log rows of the assignment travel in it, as in service.sql.
-- Run twice it writes history and log twice: so did the old system.
-- @P1 bulk change, @P2 tenant, @P3 who asked for it, @P4 account number, @P5 integration authentication, @P6 Site, @P7 plan,
-- @P8 megabytes, @P9 changes and devices of the page as JSON.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @BulkChangeId bigint = @P1;
DECLARE @TenantId int = @P2;
DECLARE @By nvarchar(50) = N'AltaworxDeviceBulkChange';
DECLARE @Now datetime2(3) = SYSUTCDATETIME();
DECLARE @Page TABLE (
    ChangeId bigint NOT NULL PRIMARY KEY,
    DeviceId int NOT NULL,
    BeforeAccount nvarchar(50) NULL,
    BeforePlan int NULL
);
INSERT INTO @Page (ChangeId, DeviceId, BeforeAccount, BeforePlan)
SELECT j.ChangeId, j.DeviceId, t.AccountNumber, t.CustomerRatePlanId
FROM OPENJSON(@P9) WITH (ChangeId bigint '$.change', DeviceId int '$.device') AS j
LEFT JOIN dbo.Device_Tenant AS t ON t.DeviceId = j.DeviceId AND t.TenantId = @TenantId AND t.IsActive = 1 AND t.IsDeleted = 0;
BEGIN TRANSACTION;
UPDATE t
SET SiteId = @P6, AccountNumber = @P4, AccountNumberIntegrationAuthenticationId = @P5, CustomerRatePlanId = @P7,
    CustomerDataAllocationMB = @P8, IsActive = 1, IsDeleted = 0, ModifiedBy = @P3, ModifiedDate = @Now
FROM dbo.Device_Tenant AS t
INNER JOIN @Page AS p ON p.DeviceId = t.DeviceId
WHERE t.TenantId = @TenantId;
INSERT INTO dbo.Device_Tenant (
    DeviceId, TenantId, SiteId, AccountNumber, AccountNumberIntegrationAuthenticationId, CustomerRatePlanId, CustomerDataAllocationMB,
    CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT p.DeviceId, @TenantId, @P6, @P4, @P5, @P7, @P8, @P3, @Now, 1, 0
FROM @Page AS p
WHERE NOT EXISTS (SELECT 1 FROM dbo.Device_Tenant AS t WHERE t.DeviceId = p.DeviceId AND t.TenantId = @TenantId);
INSERT INTO dbo.DeviceActionHistory (
    ServiceProviderId, M2MDeviceId, BulkChangeId, ICCID, MSISDN, PreviousValue, CurrentValue, ChangedField, ChangeEventType,
    DateOfChange, ChangedBy, Username, CustomerAccountName, CustomerAccountNumber, TenantId, IsActive, IsDeleted)
SELECT
    d.ServiceProviderId, d.id, @BulkChangeId, d.ICCID, d.MSISDN, f.Before, f.After, f.Field, N'Associate Customer',
    @Now, @P3, LEFT(d.Username, 150), n.Name, @P4, @TenantId, 1, 0
FROM (
    SELECT p.DeviceId, N'Customer' AS Field, p.BeforeAccount AS Before, CONCAT(s.Name, N' (', @P4, N')') AS After
    FROM @Page AS p
    INNER JOIN dbo.Sites AS s ON s.id = @P6
    UNION ALL
    SELECT p.DeviceId, N'Customer Rate Plan', b.RatePlanName, a.RatePlanName
    FROM @Page AS p
    INNER JOIN dbo.JasperCustomerRatePlan AS a ON a.id = @P7
    LEFT JOIN dbo.JasperCustomerRatePlan AS b ON b.id = p.BeforePlan) AS f
INNER JOIN dbo.Device AS d ON d.id = f.DeviceId
INNER JOIN dbo.Sites AS n ON n.id = @P6;
INSERT INTO dbo.DeviceBulkChangeLog (
    BulkChangeId, M2MDeviceChangeId, LogEntryDescription, RequestText, HasErrors, ResponseStatus, ResponseText,
    ProcessedDate, ProcessedBy, CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT
    @BulkChangeId, p.ChangeId, N'AMOP Customer Assignment', CONCAT(N'AccountNumber=', @P4, N', SiteId=', @P6), 0, N'PROCESSED', N'OK',
    @Now, @By, @P3, @Now, 1, 0
FROM @Page AS p;
COMMIT TRANSACTION;
