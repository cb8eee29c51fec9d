-- Answers: which Sites has a Rev customer that the caller may use, one page of them?
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 account number, @P5 rows to pass over, @P6 rows at most, @P7 sort: name or id,
-- @P8 asc or desc, @P9 text in the name as a LIKE pattern.
-- An account number that two billing integrations of the tenant share names both customers. One of another tenant, or that the user
-- may not use, answers like one that does not exist: with a NULL for the number of Sites.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;
DECLARE @customers TABLE (Id uniqueidentifier NOT NULL PRIMARY KEY);
INSERT INTO @customers (Id)
SELECT c.id
FROM dbo.RevCustomer AS c
WHERE c.TenantId = @P1 AND c.RevCustomerId = @P4 AND c.IsDeleted = 0
  AND (@P3 = 1 OR EXISTS (
      SELECT 1 FROM dbo.User_Role_Site AS u
      INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
      WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0
        AND s.RevCustomerId = c.id AND s.TenantId = @P1));

-- 1: how many there are
SELECT CASE WHEN EXISTS (SELECT 1 FROM @customers AS c) THEN (
    SELECT COUNT_BIG(*)
    FROM @customers AS c
    INNER JOIN dbo.Sites AS s ON s.RevCustomerId = c.Id
    WHERE s.TenantId = @P1 AND s.IsActive = 1 AND s.IsDeleted = 0
      AND (@P9 IS NULL OR s.Name LIKE @P9)) END AS Total;

-- 2: the page
SELECT TOP (@P6) placed.id, placed.Name, placed.City, placed.State, placed.Country
FROM (
    SELECT s.id, s.Name, s.City, s.State, s.Country, ROW_NUMBER() OVER (ORDER BY
        CASE WHEN @P7 = N'name' AND @P8 = N'asc' THEN s.Name END,
        CASE WHEN @P7 = N'name' AND @P8 = N'desc' THEN s.Name END DESC,
        CASE WHEN @P8 = N'asc' THEN s.id END,
        s.id DESC) AS Place
    FROM @customers AS c
    INNER JOIN dbo.Sites AS s ON s.RevCustomerId = c.Id
    WHERE s.TenantId = @P1 AND s.IsActive = 1 AND s.IsDeleted = 0
      AND (@P9 IS NULL OR s.Name LIKE @P9)
) AS placed
WHERE placed.Place > @P5
ORDER BY placed.Place;
