-- Whose carrier rate plan change is this? Asked by each look at the status of one, which only those may see who may see its origin.
CREATE INDEX IX_BulkChangeWork_Linked ON dbo.BulkChangeWork (LinkedBulkChangeId) WHERE LinkedBulkChangeId IS NOT NULL;
CREATE INDEX IX_DeviceChangeWork_Linked ON dbo.DeviceChangeWork (LinkedBulkChangeId) INCLUDE (BulkChangeId) WHERE LinkedBulkChangeId IS NOT NULL;
