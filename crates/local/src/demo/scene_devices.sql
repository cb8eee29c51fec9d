-- Answers: devices of a provider that can be associated as they are, archived ones, and ones of another customer.
-- @P1 provider, @P2 tenant, @P3 account number of the customer, @P4 to @P6 how many of each kind.
SELECT free.ICCID, N'free' AS Kind
FROM (
    SELECT TOP (@P4) d.ICCID
    FROM dbo.Device AS d
    INNER JOIN dbo.DeviceStatus AS s ON s.id = d.DeviceStatusId
    LEFT JOIN dbo.DeviceStatusPolicy AS y ON y.DeviceStatusId = s.id
    WHERE d.ServiceProviderId = @P1 AND d.IsActive = 1 AND d.IsDeleted = 0
      AND COALESCE(y.AllowsAssignment, s.IsActiveStatus) = 1
      AND NOT EXISTS (SELECT 1 FROM dbo.Device_Tenant AS t WHERE t.DeviceId = d.id)
      AND NOT EXISTS (SELECT 1 FROM dbo.RevService AS r WHERE r.Number = d.MSISDN OR r.Number = d.ICCID)
    ORDER BY d.id
) AS free
UNION ALL
SELECT archived.ICCID, N'archived' AS Kind
FROM (
    SELECT TOP (@P5) d.ICCID
    FROM dbo.Device AS d
    WHERE d.ServiceProviderId = @P1 AND d.IsActive = 0 AND d.IsDeleted = 1
      AND NOT EXISTS (SELECT 1 FROM dbo.Device AS l WHERE l.ICCID = d.ICCID AND l.ServiceProviderId = @P1 AND l.IsDeleted = 0)
    ORDER BY d.id
) AS archived
UNION ALL
SELECT others.ICCID, N'of another customer' AS Kind
FROM (
    SELECT TOP (@P6) d.ICCID
    FROM dbo.Device AS d
    INNER JOIN dbo.Device_Tenant AS t ON t.DeviceId = d.id AND t.TenantId = @P2
    INNER JOIN dbo.DeviceStatus AS s ON s.id = d.DeviceStatusId
    LEFT JOIN dbo.DeviceStatusPolicy AS y ON y.DeviceStatusId = s.id
    WHERE d.ServiceProviderId = @P1 AND d.IsActive = 1 AND d.IsDeleted = 0
      AND COALESCE(y.AllowsAssignment, s.IsActiveStatus) = 1
      AND t.IsActive = 1 AND t.IsDeleted = 0 AND t.AccountNumber IS NOT NULL AND t.AccountNumber <> @P3
    ORDER BY d.id
) AS others;
