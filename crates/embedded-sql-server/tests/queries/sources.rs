use crate::ask::{batch, error, lines};

#[test]
fn joins_match_and_outer_joins_fill_with_null() {
    assert_eq!(
        lines(
            "SELECT c.Name, l.Number FROM dbo.Customer AS c INNER JOIN dbo.Line AS l ON l.CustomerId = c.Id ORDER BY l.Id"
        ),
        ["Alpha|555-0001", "Alpha|555-0002", "beta|555-0003"]
    );
    assert_eq!(
        lines(
            "SELECT c.Name, l.Id FROM dbo.Customer c LEFT JOIN dbo.Line l ON l.CustomerId = c.Id AND l.Price > 2 ORDER BY c.Id"
        ),
        ["Alpha|11", "beta|NULL", "Gamma|NULL"]
    );
    assert_eq!(
        lines(
            "SELECT c.Id, l.Id FROM Customer c RIGHT JOIN Line l ON l.CustomerId = c.Id WHERE c.Id IS NULL"
        ),
        ["NULL|13"]
    );
    assert_eq!(
        lines("SELECT COUNT(*) FROM dbo.Customer c FULL JOIN dbo.Line l ON l.CustomerId = c.Id"),
        ["5"]
    );
    assert_eq!(
        lines("SELECT COUNT(*) FROM dbo.Customer CROSS JOIN dbo.Line"),
        ["12"]
    );
    assert_eq!(
        lines("SELECT COUNT(*) FROM dbo.Customer c, dbo.Line l WHERE l.CustomerId = c.Id"),
        ["3"]
    );
    assert_eq!(
        lines(
            "SELECT c.Id FROM dbo.Customer c LEFT JOIN (dbo.Line l JOIN dbo.Customer d ON d.Id = l.CustomerId) ON d.Id = c.Id AND l.Id = 12 WHERE l.Id IS NOT NULL"
        ),
        ["2"]
    );
}

#[test]
fn columns_of_an_outer_join_may_be_null() {
    let answer =
        batch("SELECT c.Id, l.Id FROM dbo.Customer c LEFT JOIN dbo.Line l ON l.CustomerId = c.Id");
    let nullable: Vec<bool> = answer.sets[0]
        .columns
        .iter()
        .map(|column| column.nullable)
        .collect();
    assert_eq!(nullable, [false, true]);
}

#[test]
fn hints_are_read_and_dropped() {
    assert_eq!(
        lines(
            "SELECT COUNT(*) FROM dbo.Customer AS c WITH (UPDLOCK, READPAST) JOIN dbo.Line l WITH (NOLOCK) ON l.CustomerId = c.Id"
        ),
        ["3"]
    );
}

#[test]
fn cross_apply_keeps_rows_with_an_answer_and_outer_apply_all() {
    let newest = "(SELECT TOP (1) l.Id, l.Number FROM dbo.Line AS l WHERE l.CustomerId = c.Id ORDER BY l.Started DESC) AS x";
    assert_eq!(
        lines(&format!(
            "SELECT c.Id, x.Id, x.Number FROM dbo.Customer AS c CROSS APPLY {newest} ORDER BY c.Id"
        )),
        ["1|11|555-0002", "2|12|555-0003"]
    );
    assert_eq!(
        lines(&format!(
            "SELECT c.Id, x.Id FROM dbo.Customer AS c OUTER APPLY {newest} ORDER BY c.Id"
        )),
        ["1|11", "2|12", "3|NULL"]
    );
    assert_eq!(
        lines(
            "SELECT c.Id, s.n, s.total FROM dbo.Customer AS c OUTER APPLY (SELECT COUNT(*) AS n, SUM(Price) AS total FROM dbo.Line l WHERE l.CustomerId = c.Id) AS s ORDER BY c.Id"
        ),
        ["1|2|3.75", "2|1|NULL", "3|0|NULL"]
    );
    assert_eq!(
        lines(
            "SELECT c.Id, v.k, v.x FROM dbo.Customer AS c CROSS APPLY (VALUES ('name', c.Name), ('code', c.Code)) AS v (k, x) WHERE v.x IS NOT NULL AND c.Id = 1"
        ),
        ["1|name|Alpha", "1|code|A"]
    );
}

#[test]
fn the_rows_of_an_apply_keep_their_types() {
    let answer = batch(
        "SELECT x.Price, x.Started, x.h FROM dbo.Customer c CROSS APPLY (SELECT TOP (1) l.Price, l.Started, HASHBYTES('SHA2_256', l.Number) AS h FROM dbo.Line l WHERE l.CustomerId = c.Id ORDER BY l.Id) x WHERE c.Id = 1",
    );
    assert_eq!(answer.errors, []);
    let types: Vec<_> = answer.sets[0]
        .columns
        .iter()
        .map(|column| column.sql_type.name())
        .collect();
    assert_eq!(types, ["numeric", "date", "varbinary"]);
    assert_eq!(
        answer.rows()[0]
            .iter()
            .map(crate::ask::shown)
            .collect::<Vec<_>>()[..2],
        ["1.50", "2026-01-01"]
    );
}

#[test]
fn derived_tables_and_common_tables_are_sources() {
    assert_eq!(
        lines("SELECT d.n FROM (SELECT COUNT(*) AS n FROM dbo.Line) AS d"),
        ["4"]
    );
    assert_eq!(
        lines("SELECT d.b, d.a FROM (VALUES (1, N'x'), (2, NULL)) AS d (a, b) ORDER BY a DESC"),
        ["NULL|2", "x|1"]
    );
    assert_eq!(
        lines(
            "WITH a AS (SELECT Id, Name FROM dbo.Customer WHERE Active = 1), b (n) AS (SELECT COUNT(*) FROM a) SELECT a.Name, b.n FROM a CROSS JOIN b ORDER BY a.Id"
        ),
        ["Alpha|2", "Gamma|2"]
    );
    assert_eq!(
        lines(
            "WITH ranked AS (SELECT l.*, ROW_NUMBER() OVER (PARTITION BY CustomerId ORDER BY Id DESC) AS rn FROM dbo.Line l) SELECT Id FROM ranked WHERE rn = 1 ORDER BY Id"
        ),
        ["11", "12", "13"]
    );
    assert_eq!(
        error("SELECT * FROM (SELECT COUNT(*) FROM dbo.Line) AS d"),
        8155
    );
    assert_eq!(
        error("SELECT * FROM (SELECT Id, Id FROM dbo.Line) AS d"),
        8156
    );
    assert_eq!(
        error("SELECT * FROM (SELECT Id FROM dbo.Line ORDER BY Id) AS d"),
        1033
    );
}

#[test]
fn table_variables_are_sources() {
    assert_eq!(
        lines(
            "DECLARE @t TABLE (Id int NOT NULL, Label nvarchar(10) NULL); INSERT INTO @t (Id, Label) VALUES (1, N'one'), (3, N'three'); SELECT c.Name, t.Label FROM dbo.Customer c JOIN @t AS t ON t.Id = c.Id ORDER BY t.Id DESC"
        ),
        ["Gamma|three", "Alpha|one"]
    );
    assert_eq!(error("SELECT * FROM @nothing"), 1087);
}

#[test]
fn string_split_gives_the_pieces() {
    assert_eq!(
        lines("SELECT value FROM STRING_SPLIT(N'1,2,,3', ',')"),
        ["1", "2", "", "3"]
    );
    assert_eq!(
        lines(
            "SELECT c.Name FROM dbo.Customer c WHERE c.Id IN (SELECT CAST(value AS int) FROM STRING_SPLIT('1,3', ',')) ORDER BY c.Id"
        ),
        ["Alpha", "Gamma"]
    );
    assert_eq!(
        lines(
            "SELECT c.Id, s.value FROM dbo.Customer c CROSS APPLY STRING_SPLIT(c.Name, 'a') s WHERE c.Id = 2"
        ),
        ["2|bet", "2|"]
    );
    assert_eq!(
        lines("DECLARE @nothing nvarchar(10); SELECT value FROM STRING_SPLIT(@nothing, ',')"),
        Vec::<String>::new()
    );
}

#[test]
fn a_stars_columns_come_in_order() {
    let answer = batch(
        "SELECT l.*, c.Name FROM dbo.Customer c JOIN dbo.Line l ON l.CustomerId = c.Id WHERE l.Id = 10",
    );
    let names: Vec<_> = answer.sets[0]
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Id",
            "CustomerId",
            "Number",
            "Price",
            "Started",
            "Token",
            "Hash",
            "Name"
        ]
    );
}

/// The planner is told that a table variable is small; that must leave every row where it is.
#[test]
fn a_table_variable_keeps_its_rows_in_every_join() {
    let with = |rest: &str| {
        lines(&format!(
            "DECLARE @Asked TABLE (Id int NOT NULL PRIMARY KEY, Note nvarchar(10) NULL);
             INSERT INTO @Asked (Id, Note) VALUES (1, N'one'), (2, NULL), (9, N'none');
             {rest}"
        ))
    };
    assert_eq!(
        with(
            "SELECT a.Id, c.Name FROM @Asked AS a INNER JOIN dbo.Customer AS c ON c.Id = a.Id ORDER BY a.Id"
        ),
        ["1|Alpha", "2|beta"]
    );
    assert_eq!(
        with(
            "SELECT a.Id, c.Name FROM @Asked AS a LEFT JOIN dbo.Customer AS c ON c.Id = a.Id ORDER BY a.Id"
        ),
        ["1|Alpha", "2|beta", "9|NULL"]
    );
    assert_eq!(
        with(
            "SELECT c.Id, a.Note FROM dbo.Customer AS c LEFT JOIN @Asked AS a ON a.Id = c.Id ORDER BY c.Id"
        ),
        ["1|one", "2|NULL", "3|NULL"]
    );
    assert_eq!(
        with(
            "SELECT c.Id, a.Id FROM @Asked AS a RIGHT JOIN dbo.Customer AS c ON c.Id = a.Id ORDER BY c.Id"
        ),
        ["1|1", "2|2", "3|NULL"]
    );
    assert_eq!(
        with(
            "SELECT c.Id, a.Id FROM dbo.Customer AS c FULL JOIN @Asked AS a ON a.Id = c.Id ORDER BY c.Id, a.Id"
        ),
        ["NULL|9", "1|1", "2|2", "3|NULL"]
    );
    assert_eq!(
        with("SELECT COUNT(*) FROM @Asked AS a, dbo.Customer AS c WHERE c.Id <> a.Id OR a.Id = 2"),
        ["8"]
    );
    assert_eq!(
        with(
            "SELECT c.Id FROM dbo.Customer AS c WHERE NOT EXISTS (SELECT 1 FROM @Asked AS a INNER JOIN dbo.Line AS l ON l.CustomerId = a.Id WHERE a.Id = c.Id) ORDER BY c.Id"
        ),
        ["3"]
    );
}
