-- Whether the sample data is there: how many tenants there are.
SELECT COUNT_BIG(*) AS Tenants FROM dbo.Tenant;
