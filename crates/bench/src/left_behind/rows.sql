-- What does a bulk change leave of each device, said in such a way that every device says the same? How many devices say it, and
-- how often does each of them?
-- Ids of lines and numbers of devices are told as what they are, so that two bulk changes can be compared.
-- Safe to run twice at once: it only reads.
-- @P1 bulk change.
DECLARE @BulkChangeId bigint = @P1;
WITH Devices AS (
    SELECT m.id AS ChangeId, d.id AS DeviceId, b.TenantId, d.ICCID, COALESCE(NULLIF(d.MSISDN, N''), d.ICCID) AS Number,
        t.id AS AssignmentId, s.id AS ServiceId, CAST(s.RevServiceId AS nvarchar(20)) AS Line
    FROM dbo.M2M_DeviceChange AS m
    INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId
    INNER JOIN dbo.Device AS d ON d.id = m.DeviceId
    LEFT JOIN dbo.Device_Tenant AS t ON t.DeviceId = d.id AND t.TenantId = b.TenantId
    LEFT JOIN dbo.RevService AS s ON s.id = t.RevServiceId
    WHERE m.BulkChangeId = @BulkChangeId
)
SELECT f.Kind, f.Said, f.Times, COUNT_BIG(*) AS Devices
FROM (
    SELECT x.ChangeId, x.Kind, x.Said, COUNT_BIG(*) AS Times
    FROM (
        SELECT v.ChangeId, N'change' AS Kind, CONCAT(
            m.Status, N', processed ', m.IsProcessed, N', errors ', m.HasErrors, N', by ', m.ProcessedBy, N', ',
            REPLACE(m.StatusDetails, COALESCE(v.Line, N'no line'), N'its line')) AS Said
        FROM Devices AS v
        INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = v.ChangeId
        UNION ALL
        SELECT v.ChangeId, N'assignment', CONCAT(
            N'customer ', t.AccountNumber, N', account ', t.AccountNumberIntegrationAuthenticationId, N', Site ', t.SiteId,
            N', plan ', t.CustomerRatePlanId, N', pool ', t.CustomerRatePoolId, N', ', t.CustomerDataAllocationMB, N' MB, active ',
            t.IsActive, N', deleted ', t.IsDeleted, CASE WHEN t.RevServiceId IS NULL THEN N', no line' ELSE N', a line' END)
        FROM Devices AS v
        INNER JOIN dbo.Device_Tenant AS t ON t.id = v.AssignmentId
        UNION ALL
        SELECT v.ChangeId, N'line', CONCAT(
            CASE WHEN s.Number = v.Number THEN N'its number' ELSE s.Number END, N', customer ', c.RevCustomerId,
            N', account ', s.IntegrationAuthenticationId, N', from ', s.ActivatedDate, N', prorated ', s.ProRate, N', ', s.Description,
            N', active ', s.IsActive, N', deleted ', s.IsDeleted)
        FROM Devices AS v
        INNER JOIN dbo.RevService AS s ON s.id = v.ServiceId
        INNER JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
        UNION ALL
        SELECT v.ChangeId, N'log', CONCAT(
            l.LogEntryDescription, N': ', l.ResponseStatus, N', errors ', l.HasErrors, N', by ', l.ProcessedBy,
            CASE WHEN l.RequestText IS NULL THEN N', nothing asked' ELSE N', asked' END,
            CASE WHEN l.ResponseText IS NULL THEN N', not answered' ELSE N', answered' END)
        FROM Devices AS v
        INNER JOIN dbo.DeviceBulkChangeLog AS l ON l.BulkChangeId = @BulkChangeId AND l.M2MDeviceChangeId = v.ChangeId
        UNION ALL
        SELECT v.ChangeId, N'history', CONCAT(
            h.ChangeEventType, N': ', h.ChangedField, N' from ', h.PreviousValue, N' to ',
            CASE WHEN h.CurrentValue = v.Line THEN N'its line' ELSE h.CurrentValue END, N', by ', h.ChangedBy,
            N', of ', h.CustomerAccountName, N' ', h.CustomerAccountNumber)
        FROM Devices AS v
        INNER JOIN dbo.DeviceActionHistory AS h ON h.BulkChangeId = @BulkChangeId AND h.M2MDeviceId = v.DeviceId
        UNION ALL
        SELECT v.ChangeId, N'snapshot', CONCAT(
            N'customer ', h.AccountNumber, N', Site ', h.SiteId, N', plan ', h.CustomerRatePlanId, N', ', h.CustomerDataAllocationMB,
            N' MB, from ', h.EffectiveDate)
        FROM Devices AS v
        INNER JOIN dbo.DeviceHistory AS h ON h.DeviceId = v.DeviceId AND h.TenantId = v.TenantId
    ) AS x
    GROUP BY x.ChangeId, x.Kind, x.Said
) AS f
GROUP BY f.Kind, f.Said, f.Times
ORDER BY f.Kind, f.Said, f.Times;
