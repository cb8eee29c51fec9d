use embedded_sql_server::value::SqlType;

use crate::ask::{error, lines, nvarchar, one, value, varchar};

#[test]
fn plus_joins_texts_and_null_swallows_them() {
    assert_eq!(one("'ab' + N'cd'"), (nvarchar(4), "abcd".to_owned()));
    assert_eq!(one("'ab' + NULL"), (varchar(4), "NULL".to_owned()));
    assert_eq!(
        one("CONCAT('a', NULL, 1, N'b')"),
        (nvarchar(15), "a1b".to_owned())
    );
    assert_eq!(value("CONCAT_WS(', ', 'a', NULL, 'b')"), "a, b");
}

#[test]
fn text_functions_mean_what_sql_server_means() {
    for (expression, shown) in [
        ("LEN('abc  ')", "3"),
        ("LEN(N'😀')", "2"),
        ("DATALENGTH(N'abc')", "6"),
        ("DATALENGTH('abc ')", "4"),
        ("DATALENGTH(CAST(1 AS bigint))", "8"),
        ("LEFT('abcdef', 2)", "ab"),
        ("RIGHT('abcdef', 2)", "ef"),
        ("SUBSTRING('abcdef', 2, 3)", "bcd"),
        ("SUBSTRING('abcdef', 0, 3)", "ab"),
        ("SUBSTRING('abc', 5, 2)", ""),
        ("REPLACE('aBcABC', 'b', 'x')", "axcAxC"),
        ("UPPER(N'żółw')", "ŻÓŁW"),
        ("LOWER('ABC')", "abc"),
        ("'[' + LTRIM('  a ') + ']'", "[a ]"),
        ("'[' + RTRIM('  a ') + ']'", "[  a]"),
        ("'[' + TRIM('  a ') + ']'", "[a]"),
        ("CHARINDEX('C', 'abcabc')", "3"),
        ("CHARINDEX('c', 'abcabc', 4)", "6"),
        ("CHARINDEX('x', 'abc')", "0"),
        ("PATINDEX('%[0-9]%', 'ab3')", "3"),
        ("REPLICATE('ab', 3)", "ababab"),
        ("STUFF('abcdef', 2, 3, 'X')", "aXef"),
        ("REVERSE('abc')", "cba"),
        ("UNICODE(N'A')", "65"),
        ("CHAR(65)", "A"),
        (
            "CONVERT(varchar(64), HASHBYTES('SHA2_256', 'abc'), 2)",
            "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        ),
        ("LEN(CAST(NEWID() AS varchar(36)))", "36"),
    ] {
        assert_eq!(value(expression), shown, "{expression}");
    }
    assert_eq!(error("SELECT LEFT('abc', -1)"), 537);
}

#[test]
fn text_functions_have_sql_servers_types() {
    assert_eq!(one("LEN('a')").0, SqlType::Int);
    assert_eq!(one("LEFT(N'abcdef', 2)").0, nvarchar(2));
    assert_eq!(one("SUBSTRING('abcdef', 1, 4)").0, varchar(4));
    assert_eq!(one("UPPER(N'abc')").0, nvarchar(3));
    assert_eq!(one("REPLACE(N'abc', 'a', 'b')").0, nvarchar(4000));
}

#[test]
fn like_has_classes_escapes_and_no_case() {
    assert_eq!(
        lines("SELECT Name FROM dbo.Customer WHERE Name LIKE 'a%'"),
        ["Alpha"]
    );
    assert_eq!(
        lines("SELECT Name FROM dbo.Customer WHERE Name LIKE N'[b-g]%' ORDER BY Id"),
        ["beta", "Gamma"]
    );
    assert_eq!(
        lines("SELECT Name FROM dbo.Customer WHERE Name NOT LIKE '_e%' ORDER BY Id"),
        ["Alpha", "Gamma"]
    );
    assert_eq!(value("IIF('50%' LIKE '50!%' ESCAPE '!', 1, 0)"), "1");
    assert_eq!(value("IIF('505' LIKE '50!%' ESCAPE '!', 1, 0)"), "0");
}

#[test]
fn a_concatenation_is_cut_at_the_length_of_its_type() {
    assert_eq!(
        value("DATALENGTH(REPLICATE(N'a', 3000) + REPLICATE(N'b', 3000))"),
        "8000"
    );
    assert_eq!(
        value(
            "DATALENGTH(CONCAT(CAST(REPLICATE(N'a', 3000) AS nvarchar(max)), REPLICATE(N'b', 3000)))"
        ),
        "12000"
    );
}

#[test]
fn trailing_blanks_count_in_like_of_nvarchar_only() {
    assert_eq!(value("IIF('abc ' LIKE 'abc', 1, 0)"), "1");
    assert_eq!(value("IIF(N'abc ' LIKE N'abc', 1, 0)"), "0");
}
