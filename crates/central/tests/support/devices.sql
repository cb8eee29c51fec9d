-- Devices of a test. @P1 service provider, @P2 devices as JSON.
INSERT INTO dbo.Device (ServiceProviderId, ICCID, MSISDN, DeviceStatusId, Status, ProviderDateActivated, CreatedBy, IsActive, IsDeleted)
SELECT @P1, j.Iccid, j.Msisdn,
    (SELECT MIN(s.id) FROM dbo.DeviceStatus AS s WHERE s.Status = j.Status AND s.IntegrationId = 1),
    j.Status, j.Activated, N'test',
    CASE WHEN j.Archived = 1 THEN 0 ELSE 1 END, CASE WHEN j.Archived = 1 THEN 1 ELSE 0 END
FROM OPENJSON(@P2) WITH (
    Iccid nvarchar(50) '$.iccid',
    Msisdn nvarchar(150) '$.msisdn',
    Status nvarchar(50) '$.status',
    Activated datetime2(3) '$.activated',
    Archived bit '$.archived'
) AS j
ORDER BY j.Iccid;
