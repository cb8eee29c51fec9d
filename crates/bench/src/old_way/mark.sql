-- Old way, for each device: its change is processed.
-- Safe to run twice: the second run writes the same.
-- @P1 change, @P2 details.
DECLARE @ChangeId bigint = @P1;
DECLARE @Details nvarchar(max) = @P2;
EXEC dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange @ChangeId = @ChangeId, @apiCallResult = 1, @statusDetails = @Details;
