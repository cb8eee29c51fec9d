-- Bulk changes that AMOP 2.0 or the old portal wrote itself.
-- Who wrote the bulk change: 'other'; NULL is our intake. Where none of its rows names a usable customer,
-- IntegrationAuthenticationId is 0 and RevCustomerId empty. PreflightDetails: reason and words of a refusal.
ALTER TABLE dbo.BulkChangeWork ADD Producer varchar(10) NULL, PreflightDetails nvarchar(1000) NULL;
-- The change in our own form, read and checked; M2M_DeviceChange keeps what the other producer wrote.
ALTER TABLE dbo.DeviceChangeWork ADD ChangeRequest nvarchar(max) NULL;
