-- Points Rev.io at another address. @P1 URL.
UPDATE dbo.Integration_Connection SET ProductionURL = @P1, ModifiedBy = N'sample', ModifiedDate = SYSUTCDATETIME() WHERE IntegrationId = 3;
