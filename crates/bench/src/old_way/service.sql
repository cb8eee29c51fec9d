-- Old way, for each device with a service line: the line that Rev opened, the device's new owner, and the history of both.
--
-- In the old system it is a call of one procedure, and so one round trip here. It wrote less: no history of what changed, and no
-- log row of the assignment. They travel in this statement, so that they cost no round trip and both ways leave the same rows.
-- Run twice it writes the line twice (2601 on UX_RevService_Line): nothing in the old system looked before.
-- @P1 bulk change, @P2 change, @P3 device, @P4 tenant, @P5 who asked for it, @P6 account number, @P7 integration authentication,
-- @P8 Site, @P9 Rev's id of the line, @P10 its number, @P11 the day it counts as active, @P12 prorated.
SET XACT_ABORT ON;
SET NOCOUNT ON;
DECLARE @TenantId int = @P4;
DECLARE @DeviceId int = @P3;
DECLARE @LineId int = @P9;
DECLARE @By nvarchar(50) = N'AltaworxDeviceBulkChange';
DECLARE @Now datetime2(3) = SYSUTCDATETIME();
DECLARE @Service int;
DECLARE @BeforeAccount nvarchar(50);
DECLARE @BeforeService int;
BEGIN TRANSACTION;
INSERT INTO dbo.RevService (
    RevCustomerId, Number, RevServiceId, ActivatedDate, IntegrationAuthenticationId, ProRate, CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT TOP (1) c.id, @P10, @LineId, @P11, @P7, @P12, @By, @Now, 1, 0
FROM dbo.RevCustomer AS c
WHERE c.TenantId = @TenantId AND c.RevCustomerId = @P6 AND c.IntegrationAuthenticationId = @P7
ORDER BY c.IsDeleted, c.id;
SET @Service = CAST(SCOPE_IDENTITY() AS int);
SELECT @BeforeAccount = t.AccountNumber, @BeforeService = s.RevServiceId
FROM dbo.Device_Tenant AS t
LEFT JOIN dbo.RevService AS s ON s.id = t.RevServiceId
WHERE t.DeviceId = @DeviceId AND t.TenantId = @TenantId AND t.IsActive = 1 AND t.IsDeleted = 0;
UPDATE dbo.Device_Tenant
SET SiteId = @P8, AccountNumber = @P6, AccountNumberIntegrationAuthenticationId = @P7, RevServiceId = @Service,
    IsActive = 1, IsDeleted = 0, ModifiedBy = @P5, ModifiedDate = @Now
WHERE DeviceId = @DeviceId AND TenantId = @TenantId;
INSERT INTO dbo.Device_Tenant (
    DeviceId, TenantId, SiteId, AccountNumber, AccountNumberIntegrationAuthenticationId, RevServiceId, CreatedBy, CreatedDate, IsActive, IsDeleted)
SELECT @DeviceId, @TenantId, @P8, @P6, @P7, @Service, @P5, @Now, 1, 0
WHERE NOT EXISTS (SELECT 1 FROM dbo.Device_Tenant AS t WHERE t.DeviceId = @DeviceId AND t.TenantId = @TenantId);
INSERT INTO dbo.DeviceActionHistory (
    ServiceProviderId, M2MDeviceId, BulkChangeId, ICCID, MSISDN, PreviousValue, CurrentValue, ChangedField, ChangeEventType,
    DateOfChange, ChangedBy, Username, CustomerAccountName, CustomerAccountNumber, TenantId, IsActive, IsDeleted)
SELECT
    d.ServiceProviderId, d.id, @P1, d.ICCID, d.MSISDN, f.Before, f.After, f.Field, N'Associate Customer',
    @Now, @P5, LEFT(d.Username, 150), n.Name, @P6, @TenantId, 1, 0
FROM dbo.Device AS d
INNER JOIN dbo.Sites AS n ON n.id = @P8
CROSS JOIN (
    SELECT N'Customer' AS Field, @BeforeAccount AS Before, (SELECT CONCAT(s.Name, N' (', @P6, N')') FROM dbo.Sites AS s WHERE s.id = @P8) AS After
    UNION ALL
    SELECT N'Rev Service', CAST(@BeforeService AS nvarchar(20)), CAST(@LineId AS nvarchar(20))) AS f
WHERE d.id = @DeviceId;
INSERT INTO dbo.DeviceBulkChangeLog (
    BulkChangeId, M2MDeviceChangeId, LogEntryDescription, RequestText, HasErrors, ResponseStatus, ResponseText,
    ProcessedDate, ProcessedBy, CreatedBy, CreatedDate, IsActive, IsDeleted)
VALUES (
    @P1, @P2, N'AMOP Customer Assignment', CONCAT(N'AccountNumber=', @P6, N', SiteId=', @P8), 0, N'PROCESSED', N'OK',
    @Now, @By, @P5, @Now, 1, 0);
COMMIT TRANSACTION;
