-- Marks one M2M change as processed with the outcome of its Rev step. Safe to run twice: the second run writes the same.
-- An AltaworxCentral that exists has its own procedure of this name, and keeps it; because its body is unknown, the caller
-- sets Status, IsProcessed and HasErrors itself in the same transaction.
CREATE PROCEDURE dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange (
    @ChangeId bigint,
    @apiCallResult bit,
    @statusDetails nvarchar(max)
)
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.M2M_DeviceChange
    SET Status = CASE WHEN @apiCallResult = 1 THEN N'PROCESSED' ELSE N'API_FAILED' END,
        HasErrors = CASE WHEN @apiCallResult = 1 THEN 0 ELSE 1 END,
        IsProcessed = 1,
        StatusDetails = @statusDetails,
        ProcessedDate = SYSUTCDATETIME(),
        ProcessedBy = N'AltaworxDeviceBulkChange'
    WHERE id = @ChangeId;
END;
