use embedded_sql_server::value::SqlType;

use crate::ask::{error, lines, one, value};

#[test]
fn the_clock_is_the_same_everywhere_in_a_statement() {
    assert_eq!(value("IIF(SYSUTCDATETIME() = SYSUTCDATETIME(), 1, 0)"), "1");
    assert_eq!(one("SYSUTCDATETIME()").0, SqlType::DateTime2(7));
    assert_eq!(one("GETUTCDATE()").0, SqlType::DateTime);
    assert_eq!(
        value("DATEDIFF(second, SYSUTCDATETIME(), GETUTCDATE())")
            .trim_start_matches('-')
            .parse::<i32>()
            .unwrap()
            / 2,
        0
    );
}

#[test]
fn dateadd_keeps_the_type_of_its_date() {
    for (expression, sql_type, shown) in [
        (
            "DATEADD(day, 1, CAST('2026-02-28' AS date))",
            SqlType::Date,
            "2026-03-01",
        ),
        (
            "DATEADD(month, 1, CAST('2026-01-31T10:00:00' AS datetime2(3)))",
            SqlType::DateTime2(3),
            "2026-02-28 10:00:00.0",
        ),
        (
            "DATEADD(SECOND, -5, CAST('2026-01-01' AS datetime2(0)))",
            SqlType::DateTime2(0),
            "2025-12-31 23:59:55.0",
        ),
        (
            "DATEADD(ms, 500, CAST('2026-01-01' AS datetime2(7)))",
            SqlType::DateTime2(7),
            "2026-01-01 0:00:00.5",
        ),
        (
            "DATEADD(year, -1, '2024-02-29')",
            SqlType::DateTime,
            "2023-02-28 0:00:00.0",
        ),
    ] {
        assert_eq!(
            one(expression),
            (sql_type, shown.to_owned()),
            "{expression}"
        );
    }
}

#[test]
fn datediff_counts_boundaries() {
    for (expression, shown) in [
        ("DATEDIFF(year, '2025-12-31', '2026-01-01')", "1"),
        (
            "DATEDIFF(day, '2026-01-01T23:59:59', '2026-01-02T00:00:00')",
            "1",
        ),
        (
            "DATEDIFF(hour, '2026-01-01T00:59:00', '2026-01-01T01:01:00')",
            "1",
        ),
        ("DATEDIFF(week, '2026-01-03', '2026-01-04')", "1"),
        ("DATEDIFF(second, '2026-01-01', '2025-12-31')", "-86400"),
        (
            "DATEDIFF(millisecond, '2026-01-01T00:00:00.100', '2026-01-01T00:00:00.350')",
            "250",
        ),
        (
            "DATEDIFF_BIG(nanosecond, '2026-01-01', '2026-01-02')",
            "86400000000000",
        ),
        ("DATEDIFF(month, '2026-01-31', '2026-03-01')", "2"),
    ] {
        assert_eq!(value(expression), shown, "{expression}");
    }
    assert_eq!(
        error("SELECT DATEDIFF(ms, '2000-01-01', '2026-01-01')"),
        535
    );
    assert_eq!(
        error("SELECT DATEDIFF(fortnight, '2000-01-01', '2026-01-01')"),
        155
    );
}

#[test]
fn parts_of_dates() {
    for (expression, shown) in [
        ("YEAR('2026-03-04')", "2026"),
        ("MONTH('2026-03-04')", "3"),
        ("DAY('2026-03-04')", "4"),
        ("DATEPART(weekday, '2026-03-04')", "4"),
        ("DATEPART(dayofyear, '2026-02-01')", "32"),
        ("DATEPART(ms, '2026-02-01T00:00:00.123')", "123"),
        ("EOMONTH('2024-02-01')", "2024-02-29"),
        ("DATEFROMPARTS(2026, 2, 3)", "2026-02-03"),
    ] {
        assert_eq!(value(expression), shown, "{expression}");
    }
    assert_eq!(error("SELECT DATEFROMPARTS(2026, 2, 30)"), 289);
}

#[test]
fn dates_become_text_by_style() {
    for (style, shown) in [
        (23, "2026-03-04"),
        (112, "20260304"),
        (120, "2026-03-04 05:06:07"),
        (121, "2026-03-04 05:06:07.890"),
        (126, "2026-03-04T05:06:07.890"),
        (127, "2026-03-04T05:06:07.890"),
    ] {
        assert_eq!(
            value(&format!(
                "CONVERT(varchar(40), CAST('2026-03-04T05:06:07.89' AS datetime2(3)), {style})"
            )),
            shown,
            "{style}"
        );
    }
    assert_eq!(
        value("CAST(CAST('2026-03-04' AS date) AS nvarchar(10))"),
        "2026-03-04"
    );
    assert_eq!(
        value("CAST(CAST('2026-03-04T05:06:07' AS datetime) AS varchar(30))"),
        "Mar  4 2026  5:06AM"
    );
    assert_eq!(
        value("CAST(CAST('2026-03-04T05:06:07.1' AS datetime2(3)) AS varchar(30))"),
        "2026-03-04 05:06:07.100"
    );
    assert_eq!(
        value("CONVERT(varchar(30), CAST('2026-03-04T05:06:07+02:00' AS datetimeoffset(0)), 127)"),
        "2026-03-04T03:06:07Z"
    );
}

#[test]
fn datetime2_rounds_to_its_scale() {
    assert_eq!(
        value("CAST('2026-01-01T00:00:00.9999999' AS datetime2(3))"),
        "2026-01-01 0:00:01.0"
    );
    assert_eq!(
        value("CAST('2026-01-01T00:00:00.002' AS datetime)"),
        "2026-01-01 0:00:00.003"
    );
}

#[test]
fn dates_compare_with_texts_and_each_other() {
    assert_eq!(
        lines("SELECT Id FROM dbo.Line WHERE Started >= '20260101' ORDER BY Id"),
        ["10", "11"]
    );
    assert_eq!(
        lines(
            "SELECT Id FROM dbo.Line WHERE Started < CAST('2026-01-01T00:00:01' AS datetime2(0)) ORDER BY Id"
        ),
        ["10", "13"]
    );
    assert_eq!(
        lines(
            "SELECT Id FROM dbo.Customer WHERE Since < SYSUTCDATETIME() AND Since > '2026-01-15'"
        ),
        ["3"]
    );
    assert_eq!(
        value(
            "IIF(CAST('2026-01-01T02:00:00+02:00' AS datetimeoffset) = CAST('2026-01-01T00:00:00Z' AS datetimeoffset), 1, 0)"
        ),
        "1"
    );
    assert_eq!(error("SELECT Id FROM dbo.Line WHERE Started = 5"), 206);
    assert_eq!(error("SELECT Id FROM dbo.Line WHERE Started = 'soon'"), 241);
}
