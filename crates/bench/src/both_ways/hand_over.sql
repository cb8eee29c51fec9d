-- Makes a bulk change that the intake accepted one of the old system: what only the new system knows of it is taken away, the rows
-- that both know stay.
-- Safe to run twice: the second run finds nothing.
-- @P1 bulk change.
SET XACT_ABORT ON;
SET NOCOUNT ON;
BEGIN TRANSACTION;
DELETE FROM dbo.DeviceChangeWork WHERE BulkChangeId = @P1;
DELETE FROM dbo.BulkChangeOutbox WHERE BulkChangeId = @P1;
DELETE FROM dbo.BulkChangeWork WHERE BulkChangeId = @P1;
COMMIT TRANSACTION;
