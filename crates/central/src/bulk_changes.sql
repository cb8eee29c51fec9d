-- Answers: which bulk changes may the caller see, one page of them, and how far each one is.
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 rows to pass over, @P5 rows at most, @P6 sort: created or status,
-- @P7 asc or desc, @P8 text in customer or author as a LIKE pattern, @P9 the same text as it was typed, for the id,
-- @P10 status, @P11 author.
-- The page is picked first, from rows of DeviceBulkChange alone; devices are counted only for the bulk changes on it, from indexes.
-- Who sees what is the rule of status.sql, for every row: a carrier rate plan change that followed a bulk change is seen by whoever
-- may see that one; what nobody took up yet has no customer that could be compared, and is seen by those who may use all of them.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;
DECLARE @Now datetime2(7) = SYSUTCDATETIME();
DECLARE @found TABLE (
    Id bigint NOT NULL PRIMARY KEY,
    CreatedDate datetime2(3) NOT NULL,
    Status nvarchar(50) NOT NULL,
    Origin bigint NULL
);
INSERT INTO @found (Id, CreatedDate, Status, Origin)
SELECT b.id, b.CreatedDate, b.Status, w.BulkChangeId
FROM (
    -- Whose work row says customer and account: the bulk change itself, or the one that it followed.
    SELECT
        k.id, k.CreatedDate, k.CreatedBy, k.Status,
        COALESCE(
            (SELECT q.BulkChangeId FROM dbo.BulkChangeWork AS q WHERE q.BulkChangeId = k.id),
            (SELECT MIN(q.BulkChangeId) FROM dbo.BulkChangeWork AS q WHERE q.LinkedBulkChangeId = k.id),
            (SELECT MIN(q.BulkChangeId) FROM dbo.DeviceChangeWork AS q WHERE q.LinkedBulkChangeId = k.id)) AS Origin
    FROM dbo.DeviceBulkChange AS k
    WHERE k.TenantId = @P1 AND k.IsDeleted = 0
      AND (@P10 IS NULL OR k.Status = @P10)
      AND (@P11 IS NULL OR k.CreatedBy = @P11)
) AS b
LEFT JOIN dbo.BulkChangeWork AS w ON w.BulkChangeId = b.Origin AND w.TenantId = @P1
LEFT JOIN dbo.DeviceBulkChange AS origin ON origin.id = w.BulkChangeId
WHERE (@P3 = 1 OR EXISTS (
        SELECT 1
        FROM dbo.User_Role_Site AS u
        INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
        LEFT JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
        WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0 AND s.TenantId = @P1
          AND (s.id = origin.SiteId
               OR (c.RevCustomerId = w.RevCustomerId AND c.IntegrationAuthenticationId = w.IntegrationAuthenticationId))))
  AND (@P8 IS NULL
       OR b.CreatedBy LIKE @P8
       OR CAST(b.id AS nvarchar(20)) = @P9
       OR w.RevCustomerId LIKE @P8
       OR EXISTS (
           SELECT 1 FROM dbo.RevCustomer AS c
           WHERE c.TenantId = @P1 AND c.RevCustomerId = w.RevCustomerId
             AND c.IntegrationAuthenticationId = w.IntegrationAuthenticationId AND c.CustomerName LIKE @P8));

-- 1: how many there are
SELECT COUNT_BIG(*) AS Total FROM @found;

DECLARE @page TABLE (Id bigint NOT NULL PRIMARY KEY, Origin bigint NULL, Place bigint NOT NULL);
INSERT INTO @page (Id, Origin, Place)
SELECT TOP (@P5) placed.Id, placed.Origin, placed.Place
FROM (
    SELECT f.Id, f.Origin, ROW_NUMBER() OVER (ORDER BY
        CASE WHEN @P6 = N'created' AND @P7 = N'asc' THEN f.CreatedDate END,
        CASE WHEN @P6 = N'created' AND @P7 = N'desc' THEN f.CreatedDate END DESC,
        CASE WHEN @P6 = N'status' AND @P7 = N'asc' THEN f.Status END,
        CASE WHEN @P6 = N'status' AND @P7 = N'desc' THEN f.Status END DESC,
        CASE WHEN @P7 = N'asc' THEN f.Id END,
        f.Id DESC) AS Place
    FROM @found AS f
) AS placed
WHERE placed.Place > @P4
ORDER BY placed.Place;

-- Every row is counted once, and what was deleted is taken off again: few rows, with an index of their own, so that the index on
-- BulkChangeId answers the rest without a look at the rows.
DECLARE @devices TABLE (BulkChangeId bigint NOT NULL PRIMARY KEY, Total bigint NOT NULL, Processed bigint NOT NULL, Failed bigint NOT NULL);
INSERT INTO @devices (BulkChangeId, Total, Processed, Failed)
SELECT
    counted.BulkChangeId,
    SUM(counted.One),
    SUM(CASE WHEN counted.IsProcessed = 1 AND counted.HasErrors = 0 THEN counted.One ELSE 0 END),
    SUM(CASE WHEN counted.IsProcessed = 1 AND counted.HasErrors = 1 THEN counted.One ELSE 0 END)
FROM (
    SELECT m.BulkChangeId, m.IsProcessed, m.HasErrors, CAST(1 AS bigint) AS One
    FROM @page AS p
    INNER JOIN dbo.M2M_DeviceChange AS m ON m.BulkChangeId = p.Id
    UNION ALL
    SELECT m.BulkChangeId, m.IsProcessed, m.HasErrors, CAST(-1 AS bigint)
    FROM @page AS p
    INNER JOIN dbo.M2M_DeviceChange AS m ON m.BulkChangeId = p.Id
    WHERE m.IsDeleted = 1
) AS counted
GROUP BY counted.BulkChangeId;

-- Open work, of which there is none once a bulk change has ended. What is in review is counted as failed already.
DECLARE @open TABLE (BulkChangeId bigint NOT NULL PRIMARY KEY, InWork bigint NOT NULL, InReview bigint NOT NULL);
INSERT INTO @open (BulkChangeId, InWork, InReview)
SELECT
    q.BulkChangeId,
    SUM(CASE WHEN q.ReviewSince IS NULL AND q.LeaseUntil > @Now THEN 1 ELSE 0 END),
    SUM(CASE WHEN q.ReviewSince IS NOT NULL THEN 1 ELSE 0 END)
FROM @page AS p
INNER JOIN dbo.DeviceChangeWork AS q ON q.BulkChangeId = p.Id
WHERE q.ClosedAt IS NULL
GROUP BY q.BulkChangeId;

-- 2: the page
SELECT
    b.id,
    b.ChangeRequestTypeId,
    b.Status,
    b.CreatedBy,
    b.CreatedDate,
    b.ServiceProviderId,
    COALESCE(v.DisplayName, v.Name) AS ServiceProvider,
    NULLIF(origin.RevCustomerId, '') AS CustomerAccount,
    (SELECT TOP (1) c.CustomerName FROM dbo.RevCustomer AS c
     WHERE c.TenantId = @P1 AND c.RevCustomerId = origin.RevCustomerId
       AND c.IntegrationAuthenticationId = origin.IntegrationAuthenticationId
     ORDER BY c.IsDeleted, c.id) AS CustomerName,
    CASE WHEN p.Origin <> b.id THEN p.Origin END AS LinkedFrom,
    CASE WHEN own.BulkChangeId IS NULL THEN b.ProcessedDate ELSE own.FinishedAt END AS FinishedDate,
    COALESCE(n.Total, 0) AS Total,
    COALESCE(n.Processed, 0) AS Processed,
    COALESCE(n.Failed, 0) AS Failed,
    COALESCE(o.InWork, 0) AS InWork,
    COALESCE(o.InReview, 0) AS InReview
FROM @page AS p
INNER JOIN dbo.DeviceBulkChange AS b ON b.id = p.Id
LEFT JOIN dbo.ServiceProvider AS v ON v.id = b.ServiceProviderId AND v.TenantId = @P1
LEFT JOIN dbo.BulkChangeWork AS origin ON origin.BulkChangeId = p.Origin
LEFT JOIN dbo.BulkChangeWork AS own ON own.BulkChangeId = b.id
LEFT JOIN @devices AS n ON n.BulkChangeId = b.id
LEFT JOIN @open AS o ON o.BulkChangeId = b.id
ORDER BY p.Place;
