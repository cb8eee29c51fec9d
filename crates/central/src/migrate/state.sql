-- Whether this database has our migrations table, and whether it has the table of devices.
SELECT OBJECT_ID(N'dbo.BulkChangeMigrations', N'U') AS Migrations, OBJECT_ID(N'dbo.Device', N'U') AS Device;
