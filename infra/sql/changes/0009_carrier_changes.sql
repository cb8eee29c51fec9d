-- The linked carrier plan change is offered on a queue of its own, and holds each device of its bulk change once.
-- Outbox kind 'carrier': to CARRIER_CHANGES_QUEUE_URL, payload {"bulkChangeId"} of the linked bulk change.
ALTER TABLE dbo.BulkChangeOutbox DROP CONSTRAINT CK_BulkChangeOutbox_Kind;
ALTER TABLE dbo.BulkChangeOutbox ADD CONSTRAINT CK_BulkChangeOutbox_KnownKind CHECK (Kind IN ('chunk', 'notice', 'carrier'));
-- The linked bulk change that this device's carrier plan went into. A bulk change that was opened again and finishes again
-- makes one more, of the devices that are in none yet.
ALTER TABLE dbo.DeviceChangeWork ADD LinkedBulkChangeId bigint NULL;
GO
UPDATE w
SET LinkedBulkChangeId = b.LinkedBulkChangeId
FROM dbo.DeviceChangeWork AS w
INNER JOIN dbo.BulkChangeWork AS b ON b.BulkChangeId = w.BulkChangeId
INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = w.ChangeId
WHERE b.LinkedBulkChangeId IS NOT NULL AND m.Status = N'PROCESSED';
