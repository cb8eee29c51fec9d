use crate::ask::{batch, error};

#[test]
fn unknown_names_have_sql_servers_numbers_and_words() {
    for (text, number) in [
        ("SELECT Nothing FROM dbo.Line", 207),
        ("SELECT l.Nothing FROM dbo.Line l", 207),
        ("SELECT x.Id FROM dbo.Line l", 4104),
        ("SELECT dbo.Line.Id FROM dbo.Line l", 4104),
        ("SELECT * FROM dbo.Nothing", 208),
        ("SELECT * FROM other.Line", 208),
        (
            "SELECT Id FROM dbo.Line l JOIN dbo.Customer c ON c.Id = l.CustomerId",
            209,
        ),
        ("SELECT @nothing", 137),
        ("SELECT NOTHING(1)", 195),
        (
            "SELECT * FROM dbo.Line l JOIN dbo.Customer l ON 1 = 1",
            1011,
        ),
        ("SELECT x.* FROM dbo.Line l", 107),
        ("SELECT *", 263),
    ] {
        assert_eq!(error(text), number, "{text}");
    }
    assert_eq!(
        batch("SELECT * FROM dbo.Nothing").errors[0].message,
        "Invalid object name 'dbo.Nothing'."
    );
    assert_eq!(
        batch("SELECT Nothing FROM dbo.Line").errors[0].message,
        "Invalid column name 'Nothing'."
    );
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    for text in [
        "SELECT FORMAT(1, 'N')",
        "SELECT GREATEST(1, 2)",
        "SELECT @@IDENTITY",
        "SELECT Id FROM dbo.Line FOR JSON PATH",
        "SELECT Id INTO dbo.Copy FROM dbo.Line",
        "SELECT Id FROM dbo.Line GROUP BY ROLLUP (Id)",
        "SELECT Number COLLATE Latin1_General_BIN2 FROM dbo.Line",
        "SELECT * FROM #temporary",
        "SELECT * FROM dbo.Line TABLESAMPLE (10 PERCENT)",
        "SELECT * FROM GENERATE_SERIES(1, 5)",
        "SELECT CAST('2026-01-01' AS datetime) + 1",
        "WITH a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a WHERE n < 3) SELECT * FROM a",
        "SELECT Id FROM dbo.Line WHERE Id >= ALL (SELECT Id FROM dbo.Line)",
        "SELECT Name FROM dbo.Customer FOR SYSTEM_TIME AS OF '2026-01-01'",
        "SELECT CONVERT(varchar(30), SYSUTCDATETIME(), 131)",
    ] {
        assert_eq!(error(text), 40000, "{text}");
    }
}

#[test]
fn types_that_do_not_go_together_clash() {
    assert_eq!(error("SELECT Id FROM dbo.Line WHERE Started = 1"), 206);
    assert_eq!(error("SELECT 'a' - 'b'"), 8117);
    assert_eq!(error("SELECT Id FROM dbo.Line WHERE Token = 5"), 206);
}
