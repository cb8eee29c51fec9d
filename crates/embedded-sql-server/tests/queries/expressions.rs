use embedded_sql_server::value::{Length, SqlType};

use crate::ask::{decimal, error, lines, nvarchar, one, value, varchar};

#[test]
fn literals_have_sql_servers_types() {
    for (expression, sql_type, shown) in [
        ("NULL", SqlType::Int, "NULL"),
        ("1", SqlType::Int, "1"),
        ("-7", SqlType::Int, "-7"),
        ("3000000000", decimal(10, 0), "3000000000"),
        ("1.5", decimal(2, 1), "1.5"),
        ("-1.50", decimal(3, 2), "-1.50"),
        ("1e3", SqlType::Float, "1000"),
        ("'abc'", varchar(3), "abc"),
        ("N'żółw'", nvarchar(4), "żółw"),
        ("'it''s'", varchar(4), "it's"),
        ("0x00FF", SqlType::VarBinary(Length::Limited(2)), "00FF"),
    ] {
        assert_eq!(
            one(expression),
            (sql_type, shown.to_owned()),
            "{expression}"
        );
    }
}

#[test]
fn arithmetic_has_sql_servers_types_and_values() {
    for (expression, sql_type, shown) in [
        ("1 + 2", SqlType::Int, "3"),
        ("7 / 2", SqlType::Int, "3"),
        ("-7 / 2", SqlType::Int, "-3"),
        ("-7 % 3", SqlType::Int, "-1"),
        ("CAST(1 AS bigint) + 1", SqlType::BigInt, "2"),
        (
            "CAST(1 AS tinyint) + CAST(2 AS smallint)",
            SqlType::SmallInt,
            "3",
        ),
        ("1.0 / 3", decimal(7, 6), "0.333333"),
        ("2.0 / 3", decimal(7, 6), "0.666666"),
        ("1.5 + 2.25", decimal(4, 2), "3.75"),
        ("1.5 * 2.25", decimal(6, 3), "3.375"),
        ("10.5 % 4", decimal(2, 1), "2.5"),
        ("1e0 / 4", SqlType::Float, "0.25"),
        ("'5' + 1", SqlType::Int, "6"),
        ("((5 & 3) | 8) ^ 1", SqlType::Int, "8"),
        ("~5", SqlType::Int, "-6"),
        ("-(-5)", SqlType::Int, "5"),
        ("NULL + 1", SqlType::Int, "NULL"),
        ("ABS(-2.5)", decimal(2, 1), "2.5"),
        ("CEILING(2.1)", decimal(2, 0), "3"),
        ("FLOOR(-2.1)", decimal(2, 0), "-3"),
        ("ROUND(2.345, 2)", decimal(4, 3), "2.350"),
        ("ROUND(-2.5, 0)", decimal(2, 1), "-3.0"),
        ("ROUND(2.999, 1, 1)", decimal(4, 3), "2.900"),
        ("ROUND(1250, -2)", SqlType::Int, "1300"),
        ("POWER(2, 10)", SqlType::Int, "1024"),
        ("SIGN(-4)", SqlType::Int, "-1"),
    ] {
        assert_eq!(
            one(expression),
            (sql_type, shown.to_owned()),
            "{expression}"
        );
    }
}

#[test]
fn overflow_and_division_by_zero_are_errors() {
    for (expression, number) in [
        ("2147483647 + 1", 8115),
        ("CAST(9223372036854775807 AS bigint) * 2", 8115),
        ("CAST(255 AS tinyint) + CAST(1 AS tinyint)", 8115),
        ("1 / 0", 8134),
        ("1 % 0", 8134),
        ("1.5 / 0", 8134),
        ("1e0 / 0", 8134),
        ("CAST(300 AS tinyint)", 220),
        ("CAST(3000000000 AS int)", 8115),
        ("CAST(12345.6 AS decimal(4,1))", 8115),
        ("POWER(10, 10)", 8115),
    ] {
        assert_eq!(
            error(&format!("SELECT {expression}")),
            number,
            "{expression}"
        );
    }
}

#[test]
fn casts_convert_or_say_why_not() {
    for (expression, sql_type, shown) in [
        ("CAST('12' AS int)", SqlType::Int, "12"),
        ("CAST(' 12 ' AS bigint)", SqlType::BigInt, "12"),
        ("CAST(2.9 AS int)", SqlType::Int, "2"),
        ("CAST(2.45 AS decimal(3,1))", decimal(3, 1), "2.5"),
        ("CAST('1.005' AS decimal(9,2))", decimal(9, 2), "1.01"),
        ("CAST('abcdef' AS nvarchar(3))", nvarchar(3), "abc"),
        ("CAST('ab' AS char(4))", SqlType::Char(4), "ab  "),
        ("CAST(1.50 AS varchar(10))", varchar(10), "1.50"),
        ("CAST(12345 AS varchar(3))", varchar(3), "*"),
        ("CAST(1 AS bit)", SqlType::Bit, "1"),
        ("CAST('true' AS bit)", SqlType::Bit, "1"),
        ("CAST(5 AS float)", SqlType::Float, "5"),
        ("TRY_CAST('x' AS int)", SqlType::Int, "NULL"),
        ("TRY_CONVERT(int, '7')", SqlType::Int, "7"),
        (
            "TRY_CONVERT(datetime2(3), 'soon')",
            SqlType::DateTime2(3),
            "NULL",
        ),
        ("CONVERT(varchar(40), 0x0AFF, 1)", varchar(40), "0x0AFF"),
        ("CONVERT(varchar(40), 0x0AFF, 2)", varchar(40), "0AFF"),
        (
            "CONVERT(varbinary(8), '0x0aff', 1)",
            SqlType::VarBinary(Length::Limited(8)),
            "0AFF",
        ),
        (
            "CAST(N'a' AS varbinary(8))",
            SqlType::VarBinary(Length::Limited(8)),
            "6100",
        ),
        (
            "CAST('a' AS varbinary(8))",
            SqlType::VarBinary(Length::Limited(8)),
            "61",
        ),
        ("CAST(258 AS binary(4))", SqlType::Binary(4), "00000102"),
        (
            "CAST('{0f0e0d0c-0b0a-0908-0706-050403020100}' AS uniqueidentifier)",
            SqlType::UniqueIdentifier,
            "0f0e0d0c-0b0a-0908-0706-050403020100",
        ),
        ("CAST(N'żółw' AS varchar(10))", varchar(10), "?ó?w"),
    ] {
        assert_eq!(
            one(expression),
            (sql_type, shown.to_owned()),
            "{expression}"
        );
    }
    for (expression, number) in [
        ("CAST('x' AS int)", 245),
        ("CAST('1.5' AS int)", 245),
        ("CAST('x' AS bigint)", 8114),
        ("CAST('x' AS decimal(9,2))", 8114),
        ("CAST('99999999999' AS int)", 248),
        ("CAST('x' AS datetime2)", 241),
        ("CAST('x' AS uniqueidentifier)", 8169),
    ] {
        assert_eq!(
            error(&format!("SELECT {expression}")),
            number,
            "{expression}"
        );
    }
}

#[test]
fn choices_take_the_higher_type_and_isnull_the_first() {
    for (expression, sql_type, shown) in [
        ("CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END", decimal(2, 1), "1.0"),
        (
            "CASE 'B' WHEN 'a' THEN 1 WHEN 'b' THEN 2 END",
            SqlType::Int,
            "2",
        ),
        ("CASE WHEN NULL = 1 THEN 'x' END", varchar(1), "NULL"),
        ("COALESCE(NULL, 'ab', N'c')", nvarchar(2), "ab"),
        ("COALESCE(NULL, 1, 2.5)", decimal(2, 1), "1.0"),
        (
            "ISNULL(CAST(NULL AS varchar(2)), 'abcdef')",
            varchar(2),
            "ab",
        ),
        ("ISNULL(NULL, 5)", SqlType::Int, "5"),
        ("IIF(2 > 1, N'yes', 'no')", nvarchar(3), "yes"),
        ("NULLIF(5, 5)", SqlType::Int, "NULL"),
        ("NULLIF('a', 'B')", varchar(1), "a"),
        ("CHOOSE(2, 'a', 'bcd')", varchar(3), "bcd"),
    ] {
        assert_eq!(
            one(expression),
            (sql_type, shown.to_owned()),
            "{expression}"
        );
    }
    assert_eq!(error("SELECT CASE WHEN 1 = 1 THEN NULL END"), 8133);
}

#[test]
fn text_compares_without_case_and_trailing_blanks() {
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Name = 'ALPHA  '"),
        ["1"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE name IN (N'BETA', N'gamma') ORDER BY Id"),
        ["2", "3"]
    );
    assert_eq!(
        lines("SELECT Name FROM dbo.Customer ORDER BY Name DESC"),
        ["Gamma", "beta", "Alpha"]
    );
    assert_eq!(value("IIF('a' < 'B', 1, 0)"), "1");
}

#[test]
fn unknown_is_neither_true_nor_false() {
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Code <> 'A'"),
        ["2"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE NOT (Code = 'A')"),
        ["2"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Code NOT IN ('A', NULL)"),
        Vec::<String>::new()
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Code IS NULL OR Balance IS NOT NULL ORDER BY Id"),
        ["1", "3"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Balance BETWEEN -5 AND 10.5 ORDER BY Id"),
        ["1", "3"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Id NOT BETWEEN 2 AND 3"),
        ["1"]
    );
}

#[test]
fn a_text_beside_a_number_becomes_the_number() {
    assert_eq!(lines("SELECT Id FROM dbo.Line WHERE Id = '11'"), ["11"]);
    assert_eq!(
        lines(
            "DECLARE @id nvarchar(10) = N' 12 '; SELECT Id FROM dbo.Line WHERE Id IN (@id, 10) ORDER BY Id"
        ),
        ["10", "12"]
    );
    assert_eq!(
        error("SELECT Id FROM dbo.Line WHERE CustomerId = 'one'"),
        245
    );
    assert_eq!(error("SELECT Id FROM dbo.Line WHERE Id = 'one'"), 8114);
}

#[test]
fn decimals_compare_and_add_across_scales_exactly() {
    assert_eq!(
        lines("SELECT Id FROM dbo.Customer WHERE Balance = 10.5"),
        ["1"]
    );
    assert_eq!(
        lines("SELECT Id FROM dbo.Line WHERE Price > 1 AND Price < 2"),
        ["10"]
    );
    assert_eq!(
        one("CAST(0.1 AS decimal(9,4)) + CAST(0.2 AS decimal(9,4))"),
        (decimal(10, 4), "0.3000".to_owned())
    );
    assert_eq!(
        lines(
            "SELECT Balance + Price FROM dbo.Customer c JOIN dbo.Line l ON l.CustomerId = c.Id WHERE l.Id = 11"
        ),
        ["12.7500"]
    );
}

#[test]
fn columns_keep_their_declared_types_and_names() {
    let answer = crate::ask::batch(
        "SELECT Id, c.Name, Balance AS Money, Active, Since, Id + 1, COUNT(*) OVER () FROM dbo.Customer AS c WHERE Id = 1",
    );
    let columns: Vec<_> = answer.sets[0]
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.sql_type, column.nullable))
        .collect();
    assert_eq!(
        columns,
        [
            ("Id", SqlType::Int, false),
            ("Name", nvarchar(50), false),
            ("Money", decimal(25, 4), true),
            ("Active", SqlType::Bit, false),
            ("Since", SqlType::DateTime2(3), true),
            ("", SqlType::Int, false),
            ("", SqlType::Int, false),
        ]
    );
}
