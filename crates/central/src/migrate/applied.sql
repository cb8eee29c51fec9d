-- Which files were applied, and what they were.
SELECT Name, Checksum FROM dbo.BulkChangeMigrations;
