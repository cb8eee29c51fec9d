-- Old way, for each step of each device: a log row of its own.
-- Run twice it writes two: so did the old system.
-- @P1 bulk change, @P2 change, @P3 description, @P4 what was asked, @P5 what was answered, @P6 who asked for the change.
INSERT INTO dbo.DeviceBulkChangeLog (
    BulkChangeId, M2MDeviceChangeId, LogEntryDescription, RequestText, HasErrors, ResponseStatus, ResponseText,
    ProcessedDate, ProcessedBy, CreatedBy, CreatedDate, IsActive, IsDeleted)
VALUES (
    @P1, @P2, @P3, @P4, 0, N'PROCESSED', @P5,
    SYSUTCDATETIME(), N'AltaworxDeviceBulkChange', @P6, SYSUTCDATETIME(), 1, 0);
