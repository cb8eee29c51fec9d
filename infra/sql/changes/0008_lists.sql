-- What lists and pages ask for beside the work itself.
-- The changes of one device, newest first, whoever wrote them: another producer's rows know the device by its ICCID only.
CREATE INDEX IX_M2M_DeviceChange_ICCID ON dbo.M2M_DeviceChange (ICCID, id) INCLUDE (BulkChangeId);
-- Changes that were deleted, so that the devices of a bulk change are counted without a look at each row. There are few.
CREATE INDEX IX_M2M_DeviceChange_Deleted ON dbo.M2M_DeviceChange (BulkChangeId) INCLUDE (IsProcessed, HasErrors) WHERE IsDeleted = 1;
