-- The devices of the sample data, in the order of their ICCIDs. @P1 devices as JSON.
SET XACT_ABORT ON;
SET NOCOUNT ON;
INSERT INTO dbo.Device (
    ServiceProviderId, ICCID, IMSI, MSISDN, IMEI, EID, DeviceStatusId, Status, CarrierRatePlanId, RatePlan, CtdDataUsage, CtdSmsUsage,
    ProviderDateAdded, ProviderDateActivated, IpAddress, CreatedBy, IsActive, IsDeleted)
SELECT
    j.Tenant,
    j.Iccid,
    CONCAT(N'99', RIGHT(j.Iccid, 13)),
    j.Msisdn,
    CONCAT(N'35', RIGHT(j.Iccid, 13)),
    CONCAT(N'8904', j.Iccid, N'00000000'),
    s.id,
    s.Status,
    p.id,
    p.RatePlanCode,
    j.DataUsage,
    j.DataUsage % 40,
    CAST('2025-11-03T09:00:00' AS datetime2(3)),
    j.Activated,
    CONCAT(N'10.', j.DataUsage % 200, N'.', j.DataUsage % 250, N'.', j.DataUsage % 240 + 1),
    N'sample',
    CASE WHEN j.Archived = 1 THEN 0 ELSE 1 END,
    CASE WHEN j.Archived = 1 THEN 1 ELSE 0 END
FROM OPENJSON(@P1) WITH (
    Tenant int '$.tenant',
    Iccid nvarchar(50) '$.iccid',
    Msisdn nvarchar(150) '$.msisdn',
    Status nvarchar(50) '$.status',
    CarrierPlan nvarchar(255) '$.plan',
    DataUsage int '$.usage',
    Activated datetime2(3) '$.activated',
    Archived bit '$.archived'
) AS j
INNER JOIN dbo.ServiceProvider AS provider ON provider.id = j.Tenant
INNER JOIN dbo.DeviceStatus AS s ON s.Status = j.Status AND s.IntegrationId = provider.IntegrationId
INNER JOIN dbo.JasperCarrierRatePlan AS p ON p.RatePlanCode = j.CarrierPlan AND p.ServiceProviderId = j.Tenant
ORDER BY j.Iccid;

-- What the carrier reported: inventory first, and the present status from the day of the activation.
INSERT INTO dbo.DeviceStatusHistory (ICCID, PreviousStatus, CurrentStatus, DateOfChange, CreatedBy)
SELECT d.ICCID, N'INVENTORY', d.Status, d.ProviderDateActivated, N'sample'
FROM dbo.Device AS d
WHERE d.CreatedBy = N'sample' AND d.ProviderDateActivated IS NOT NULL
ORDER BY d.id;
