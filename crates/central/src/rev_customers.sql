-- Answers: which Rev customers may the caller use, one page of them, with their Sites.
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 rows to pass over, @P5 rows at most, @P6 sort: name or revCustomerId,
-- @P7 asc or desc, @P8 text in name or account number as a LIKE pattern.
-- Whom a user may use, and what makes a customer active, are the rules of check.sql. Account numbers are whole numbers kept as text:
-- by length first, they stand in the order of numbers.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;
DECLARE @found TABLE (Id uniqueidentifier NOT NULL PRIMARY KEY, AccountNumber nvarchar(50) NOT NULL, CustomerName nvarchar(250) NOT NULL);
INSERT INTO @found (Id, AccountNumber, CustomerName)
SELECT c.id, c.RevCustomerId, c.CustomerName
FROM dbo.RevCustomer AS c
WHERE c.TenantId = @P1 AND c.IsDeleted = 0
  AND (@P3 = 1 OR EXISTS (
      SELECT 1 FROM dbo.User_Role_Site AS u
      INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
      WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0
        AND s.RevCustomerId = c.id AND s.TenantId = @P1))
  AND (@P8 IS NULL OR c.CustomerName LIKE @P8 OR c.RevCustomerId LIKE @P8);

-- 1: how many there are
SELECT COUNT_BIG(*) AS Total FROM @found;

DECLARE @page TABLE (Id uniqueidentifier NOT NULL PRIMARY KEY, Place bigint NOT NULL);
INSERT INTO @page (Id, Place)
SELECT TOP (@P5) placed.Id, placed.Place
FROM (
    SELECT f.Id, ROW_NUMBER() OVER (ORDER BY
        CASE WHEN @P6 = N'name' AND @P7 = N'asc' THEN f.CustomerName END,
        CASE WHEN @P6 = N'name' AND @P7 = N'desc' THEN f.CustomerName END DESC,
        CASE WHEN @P6 = N'revCustomerId' AND @P7 = N'asc' THEN LEN(f.AccountNumber) END,
        CASE WHEN @P6 = N'revCustomerId' AND @P7 = N'desc' THEN LEN(f.AccountNumber) END DESC,
        CASE WHEN @P6 = N'revCustomerId' AND @P7 = N'asc' THEN f.AccountNumber END,
        CASE WHEN @P6 = N'revCustomerId' AND @P7 = N'desc' THEN f.AccountNumber END DESC,
        f.Id) AS Place
    FROM @found AS f
) AS placed
WHERE placed.Place > @P4
ORDER BY placed.Place;

-- 2: the page. The credentials must belong to the tenant as well.
SELECT
    c.id AS Id,
    c.RevCustomerId AS AccountNumber,
    c.CustomerName,
    CAST(CASE WHEN c.IsActive = 1 AND COALESCE(c.Status, N'') <> N'CLOSED' THEN 1 ELSE 0 END AS bit) AS Active,
    (SELECT a.id FROM dbo.Integration_Authentication AS a
     WHERE a.id = c.IntegrationAuthenticationId AND a.TenantId = @P1 AND a.IsActive = 1 AND a.IsDeleted = 0) AS IntegrationAuthenticationId,
    first_site.CustomerBillPeriodEndDay AS BillPeriodEndDay,
    first_site.CustomerBillPeriodEndHour AS BillPeriodEndHour
FROM @page AS p
INNER JOIN dbo.RevCustomer AS c ON c.id = p.Id
LEFT JOIN dbo.Sites AS first_site ON first_site.id = (
    SELECT MIN(s.id) FROM dbo.Sites AS s
    WHERE s.RevCustomerId = c.id AND s.TenantId = @P1 AND s.IsActive = 1 AND s.IsDeleted = 0)
ORDER BY p.Place;

-- 3: the Sites of the page, the one that an association uses first
SELECT s.RevCustomerId AS CustomerId, s.id, s.Name
FROM @page AS p
INNER JOIN dbo.Sites AS s ON s.RevCustomerId = p.Id
WHERE s.TenantId = @P1 AND s.IsActive = 1 AND s.IsDeleted = 0
ORDER BY p.Place, s.id;
