-- Answers: what was done for one device of a bulk change, step by step, as far as the caller may see it?
-- @P1 tenant, @P2 user, @P3 may use all customers, @P4 bulk change, @P5 ICCID.
-- Who sees what is the rule of status.sql. A bulk change that is not seen, and a device that is not in it, answer alike: with no rows
-- to count. A device has a few entries, in bad weather some dozens; beyond 500 the oldest are told.
-- Safe to run twice at once: it only reads.
SET NOCOUNT ON;
DECLARE @origin bigint;
SET @origin = (SELECT w.BulkChangeId FROM dbo.BulkChangeWork AS w WHERE w.BulkChangeId = @P4);
IF @origin IS NULL
BEGIN
    SET @origin = COALESCE(
        (SELECT MIN(w.BulkChangeId) FROM dbo.BulkChangeWork AS w WHERE w.LinkedBulkChangeId = @P4),
        (SELECT MIN(w.BulkChangeId) FROM dbo.DeviceChangeWork AS w WHERE w.LinkedBulkChangeId = @P4));
END;
DECLARE @visible bigint;
SET @visible = (
    SELECT b.id
    FROM dbo.DeviceBulkChange AS b
    LEFT JOIN dbo.BulkChangeWork AS w ON w.BulkChangeId = @origin AND w.TenantId = b.TenantId
    LEFT JOIN dbo.DeviceBulkChange AS origin ON origin.id = w.BulkChangeId
    WHERE b.id = @P4 AND b.TenantId = @P1 AND b.IsDeleted = 0
      AND (@P3 = 1 OR EXISTS (
          SELECT 1
          FROM dbo.User_Role_Site AS u
          INNER JOIN dbo.Sites AS s ON s.id = u.SiteId
          LEFT JOIN dbo.RevCustomer AS c ON c.id = s.RevCustomerId
          WHERE u.UserId = @P2 AND u.TenantId = @P1 AND u.IsActive = 1 AND u.IsDeleted = 0 AND s.TenantId = @P1
            AND (s.id = origin.SiteId
                 OR (c.RevCustomerId = w.RevCustomerId AND c.IntegrationAuthenticationId = w.IntegrationAuthenticationId)))));
DECLARE @changes TABLE (Id bigint NOT NULL PRIMARY KEY);
INSERT INTO @changes (Id)
SELECT m.id
FROM dbo.M2M_DeviceChange AS m
WHERE m.BulkChangeId = @visible AND m.ICCID = @P5 AND m.IsDeleted = 0;

-- 1: whether there is anything to tell of
SELECT COUNT_BIG(*) AS Changes FROM @changes;

-- 2: the entries
SELECT TOP (500)
    l.id,
    l.CreatedDate,
    l.LogEntryDescription,
    l.HasErrors,
    l.ResponseStatus,
    l.RequestText,
    l.ResponseText,
    l.ErrorText
FROM @changes AS x
INNER JOIN dbo.DeviceBulkChangeLog AS l ON l.BulkChangeId = @visible AND l.M2MDeviceChangeId = x.Id
WHERE l.IsDeleted = 0
ORDER BY l.id;
