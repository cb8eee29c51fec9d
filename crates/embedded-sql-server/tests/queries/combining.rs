use embedded_sql_server::value::SqlType;

use crate::ask::{batch, decimal, error, lines, nvarchar};

#[test]
fn top_and_offset_cut_the_rows() {
    assert_eq!(
        lines("SELECT TOP (2) Id FROM dbo.Line ORDER BY Id DESC"),
        ["13", "12"]
    );
    assert_eq!(
        lines("DECLARE @n int = 1; SELECT TOP (@n) Id FROM dbo.Line ORDER BY Id"),
        ["10"]
    );
    assert_eq!(lines("SELECT TOP 1 Id FROM dbo.Line ORDER BY Id"), ["10"]);
    assert_eq!(
        lines("SELECT TOP (0) Id FROM dbo.Line"),
        Vec::<String>::new()
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Line ORDER BY Id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY"),
        ["11", "12"]
    );
    assert_eq!(
        lines("DECLARE @o int = 3; SELECT Id FROM dbo.Line ORDER BY Id OFFSET @o ROWS"),
        ["13"]
    );
    assert_eq!(
        lines(
            "DECLARE @o int = 1; DECLARE @n bigint = 2; DECLARE @t TABLE (Place int IDENTITY(1,1) NOT NULL PRIMARY KEY, Id int NOT NULL);
             INSERT INTO @t (Id) SELECT Id FROM dbo.Line ORDER BY Id DESC OFFSET @o ROWS FETCH NEXT @n ROWS ONLY;
             SELECT Place, Id FROM @t ORDER BY Place"
        ),
        ["1|12", "2|11"]
    );
    assert_eq!(
        error("SELECT Id FROM dbo.Line ORDER BY Id OFFSET 1 ROWS FETCH NEXT @n ROWS ONLY"),
        137
    );
    assert_eq!(
        error("DECLARE @n int = -1; SELECT TOP (@n) Id FROM dbo.Line"),
        127
    );
    assert_eq!(
        error("DECLARE @n int; SELECT TOP (@n) Id FROM dbo.Line"),
        1060
    );
    assert_eq!(
        error("SELECT TOP (1) WITH TIES Id FROM dbo.Line ORDER BY Id"),
        40000
    );
    assert_eq!(
        error("SELECT TOP (10) PERCENT Id FROM dbo.Line ORDER BY Id"),
        40000
    );
}

#[test]
fn order_by_knows_names_numbers_and_expressions() {
    assert_eq!(
        lines("SELECT Id AS k FROM dbo.Line ORDER BY k DESC"),
        ["13", "12", "11", "10"]
    );
    assert_eq!(
        lines("SELECT Number, Id FROM dbo.Line ORDER BY 2 DESC"),
        ["555-0004|13", "555-0003|12", "555-0002|11", "555-0001|10"]
    );
    assert_eq!(
        lines(
            "SELECT Id FROM dbo.Line ORDER BY CASE WHEN Price IS NULL THEN 1 ELSE 0 END, Price DESC"
        ),
        ["13", "11", "10", "12"]
    );
    assert_eq!(
        lines("SELECT Price FROM dbo.Line ORDER BY Price"),
        ["NULL", "1.50", "2.25", "9.99"]
    );
    assert_eq!(error("SELECT Id FROM dbo.Line ORDER BY 2"), 108);
    assert_eq!(
        error("SELECT DISTINCT CustomerId FROM dbo.Line ORDER BY Id"),
        145
    );
}

#[test]
fn set_operations_combine_and_convert() {
    assert_eq!(
        lines("SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 1 ORDER BY a DESC"),
        ["2", "1", "1"]
    );
    assert_eq!(
        lines(
            "SELECT LOWER(RTRIM(t)) FROM (SELECT N'a' AS t UNION SELECT 'A ' UNION SELECT 'b') AS u ORDER BY t"
        ),
        ["a", "b"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer EXCEPT SELECT CustomerId FROM dbo.Line"),
        ["3"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer INTERSECT SELECT CustomerId FROM dbo.Line"),
        ["1", "2"]
    );
    let answer = batch("SELECT 1 AS n, 'ab' AS t UNION ALL SELECT 2.5, N'c'");
    let types: Vec<_> = answer.sets[0]
        .columns
        .iter()
        .map(|column| column.sql_type)
        .collect();
    assert_eq!(types, [decimal(11, 1), nvarchar(2)]);
    assert_eq!(error("SELECT 1 UNION ALL SELECT 1, 2"), 205);
}

#[test]
fn distinct_ignores_case() {
    assert_eq!(
        lines("SELECT DISTINCT t FROM (VALUES ('a'), ('A'), ('b')) AS v (t) ORDER BY t"),
        ["a", "b"]
    );
}

#[test]
fn subqueries_are_values_lists_and_tests() {
    assert_eq!(
        lines(
            "SELECT Name, (SELECT COUNT(*) FROM dbo.Line l WHERE l.CustomerId = c.Id) FROM dbo.Customer c ORDER BY c.Id"
        ),
        ["Alpha|2", "beta|1", "Gamma|0"]
    );
    assert_eq!(
        lines(
            "SELECT Id FROM dbo.Customer c WHERE EXISTS (SELECT 1 FROM dbo.Line WHERE CustomerId = c.Id AND Price > 2)"
        ),
        ["1"]
    );
    assert_eq!(
        lines(
            "SELECT Id FROM dbo.Customer c WHERE NOT EXISTS (SELECT * FROM dbo.Line WHERE CustomerId = c.Id)"
        ),
        ["3"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Id IN (SELECT CustomerId FROM dbo.Line)"),
        ["1", "2"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Id NOT IN (SELECT CustomerId FROM dbo.Line)"),
        Vec::<String>::new()
    );
    assert_eq!(
        lines("SELECT (SELECT TOP (1) Number FROM dbo.Line ORDER BY Id DESC)"),
        ["555-0004"]
    );
    assert_eq!(error("SELECT (SELECT Id FROM dbo.Line)"), 512);
    assert_eq!(
        error("SELECT (SELECT Id, Number FROM dbo.Line WHERE Id = 10)"),
        116
    );
    assert_eq!(
        lines(
            "SELECT (SELECT Number FROM dbo.Line WHERE Id = 10), (SELECT Number FROM dbo.Line WHERE Id = 99)"
        ),
        ["555-0001|NULL"]
    );
}

#[test]
fn windows_number_rank_and_sum() {
    assert_eq!(
        lines(
            "SELECT Id, ROW_NUMBER() OVER (ORDER BY Id DESC), RANK() OVER (ORDER BY CustomerId), COUNT(*) OVER (PARTITION BY CustomerId), SUM(Price) OVER (ORDER BY Id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), LAG(Number) OVER (ORDER BY Id), LEAD(Id, 1, 0) OVER (ORDER BY Id) FROM dbo.Line ORDER BY Id"
        ),
        [
            "10|4|2|2|1.50|NULL|11",
            "11|3|2|2|3.75|555-0001|12",
            "12|2|4|1|3.75|555-0002|13",
            "13|1|1|1|13.74|555-0003|0"
        ]
    );
    let answer = batch("SELECT ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) FROM dbo.Line");
    assert_eq!(answer.errors, []);
    assert_eq!(answer.sets[0].columns[0].sql_type, SqlType::BigInt);
}
