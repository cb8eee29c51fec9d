-- Old way, once before the first service line: where Rev is, and who we are there. The old system asked once a page.
-- Safe to run twice at once: it only reads.
-- @P1 integration authentication.
SELECT c.ProductionURL AS Url, a.OAuth2_ClientId AS ClientCode, a.Username AS UserName, a.Password AS UserPassword
FROM dbo.Integration_Authentication AS a
INNER JOIN dbo.Integration_Connection AS c ON c.IntegrationId = a.IntegrationId
WHERE a.id = @P1;
