-- What does this database have of what the statements need? Columns of these tables, parameters of these procedures, first
-- columns of keys, and whether the case of names counts. @P1 names of tables as JSON, @P2 names of procedures as JSON. It only reads.
SELECT
    n.Name AS TableName,
    c.name AS ColumnName,
    TYPE_NAME(c.system_type_id) AS TypeName,
    c.max_length AS Bytes,
    -- An INSERT has to give it: no NULL, no default, nothing that makes the value (189 is rowversion).
    CAST(CASE
        WHEN c.is_nullable = 0 AND c.is_identity = 0 AND c.is_computed = 0 AND c.default_object_id = 0 AND c.system_type_id <> 189 THEN 1
        ELSE 0
    END AS bit) AS IsDemanded
FROM OPENJSON(@P1) WITH (Name nvarchar(128) '$') AS n
INNER JOIN sys.tables AS t ON t.name = n.Name AND t.schema_id = SCHEMA_ID(N'dbo')
INNER JOIN sys.columns AS c ON c.object_id = t.object_id
ORDER BY n.Name, c.column_id;

SELECT n.Name AS ProcedureName, a.name AS ParameterName, TYPE_NAME(a.system_type_id) AS TypeName
FROM OPENJSON(@P2) WITH (Name nvarchar(128) '$') AS n
INNER JOIN sys.procedures AS p ON p.name = n.Name AND p.schema_id = SCHEMA_ID(N'dbo')
LEFT JOIN sys.parameters AS a ON a.object_id = p.object_id AND a.parameter_id > 0
ORDER BY n.Name, a.parameter_id;

-- The first column of each key. An index that is disabled serves nobody, and one with a filter only whoever asks for the same.
SELECT DISTINCT n.Name AS IndexedTable, c.name AS LeadingColumn
FROM OPENJSON(@P1) WITH (Name nvarchar(128) '$') AS n
INNER JOIN sys.tables AS t ON t.name = n.Name AND t.schema_id = SCHEMA_ID(N'dbo')
INNER JOIN sys.indexes AS i ON i.object_id = t.object_id AND i.is_disabled = 0 AND i.has_filter = 0
INNER JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal = 1
INNER JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id;

SELECT CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), N'Collation')) AS Collation;
