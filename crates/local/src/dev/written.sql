-- written: which bulk changes has the other producer written? @P1 rows as JSON, each with the id of its bulk change.
-- Safe to run twice at once: the id is the one that a fresh database gives out next; on any other the key refuses, and nothing stays.
SET XACT_ABORT ON;
SET NOCOUNT ON;
BEGIN TRANSACTION;
INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy)
SELECT j.Type, 1, 1, N'NEW', N'fake.user'
FROM OPENJSON(@P1) WITH (BulkChange bigint '$.id', Type int '$.type') AS j
GROUP BY j.BulkChange, j.Type
ORDER BY j.BulkChange;
INSERT INTO dbo.M2M_DeviceChange (BulkChangeId, ICCID, MSISDN, ChangeRequest, Status, CreatedBy)
SELECT j.BulkChange, j.Iccid, j.Msisdn, j.Body, N'PROCESSING', N'fake.user'
FROM OPENJSON(@P1) WITH (
    BulkChange bigint '$.id', Iccid nvarchar(50) '$.iccid', Msisdn nvarchar(50) '$.msisdn', Body nvarchar(max) '$.text'
) AS j;
COMMIT TRANSACTION;
