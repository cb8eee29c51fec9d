-- Points the billing integration at the stand-in. @P1 its address.
UPDATE dbo.Integration_Connection SET ProductionURL = @P1 WHERE IntegrationId = 3;
