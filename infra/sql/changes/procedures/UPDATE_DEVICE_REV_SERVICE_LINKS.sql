-- Sets a missing Device_Tenant.RevServiceId where exactly one live RevService of the same customer and integration
-- authentication has the device's number (MSISDN, else ICCID). Safe to run twice: a link that is set is left alone.
-- An AltaworxCentral that exists may call it usp_UpdateDevice_RevServiceLinks; the caller takes that one where it exists.
CREATE PROCEDURE dbo.UPDATE_DEVICE_REV_SERVICE_LINKS
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dt
    SET RevServiceId = found.RevServiceId,
        ModifiedBy = N'UPDATE_DEVICE_REV_SERVICE_LINKS',
        ModifiedDate = SYSUTCDATETIME()
    FROM dbo.Device_Tenant AS dt
    INNER JOIN (
        SELECT link.id AS DeviceTenantId, MIN(r.id) AS RevServiceId
        FROM dbo.Device_Tenant AS link
        INNER JOIN dbo.Device AS d ON d.id = link.DeviceId
        INNER JOIN dbo.RevCustomer AS c
            ON c.TenantId = link.TenantId
           AND c.RevCustomerId = link.AccountNumber
           AND c.IntegrationAuthenticationId = link.AccountNumberIntegrationAuthenticationId
        INNER JOIN dbo.RevService AS r
            ON r.RevCustomerId = c.id
           AND r.IntegrationAuthenticationId = link.AccountNumberIntegrationAuthenticationId
           AND r.Number = COALESCE(NULLIF(d.MSISDN, N''), d.ICCID)
        WHERE link.RevServiceId IS NULL
          AND link.IsActive = 1
          AND link.IsDeleted = 0
          AND r.IsActive = 1
          AND r.IsDeleted = 0
          AND (r.DisconnectedDate IS NULL OR r.DisconnectedDate = N'')
        GROUP BY link.id
        HAVING COUNT(*) = 1
    ) AS found ON found.DeviceTenantId = dt.id
    WHERE dt.RevServiceId IS NULL;
END;
