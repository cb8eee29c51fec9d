-- Old way, at the end: the bulk change is processed, and its status is written over that of every change.
-- Safe to run twice: the second run writes the same.
-- @P1 bulk change.
SET XACT_ABORT ON;
SET NOCOUNT ON;
BEGIN TRANSACTION;
UPDATE dbo.DeviceBulkChange
SET Status = N'PROCESSED', ProcessedDate = SYSUTCDATETIME(), ProcessedBy = N'AltaworxDeviceBulkChange'
WHERE id = @P1;
UPDATE dbo.M2M_DeviceChange SET Status = N'PROCESSED' WHERE BulkChangeId = @P1;
COMMIT TRANSACTION;
