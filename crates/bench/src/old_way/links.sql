-- Old way, once a page: the links of all devices to their service lines, those of every tenant.
-- Safe to run twice: a link that is set is left alone.
EXEC dbo.UPDATE_DEVICE_REV_SERVICE_LINKS;
