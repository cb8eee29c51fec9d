use crate::ask::{lines, one, value};
use embedded_sql_server::value::SqlType;

#[test]
fn object_id_and_col_length_tell_what_exists() {
    for (expression, shown) in [
        ("IIF(OBJECT_ID(N'dbo.Customer') IS NULL, 0, 1)", "1"),
        (
            "IIF(OBJECT_ID(N'[dbo].[customer]', 'U') IS NULL, 0, 1)",
            "1",
        ),
        ("IIF(OBJECT_ID(N'dbo.Customer', N'P') IS NULL, 0, 1)", "0"),
        ("IIF(OBJECT_ID(N'dbo.Nothing') IS NULL, 0, 1)", "0"),
        ("COL_LENGTH('dbo.Customer', 'Name')", "100"),
        ("COL_LENGTH('dbo.Customer', 'Nothing')", "NULL"),
        ("DB_NAME()", "World"),
        ("OBJECT_NAME(OBJECT_ID('dbo.Line'))", "Line"),
    ] {
        assert_eq!(value(expression), shown, "{expression}");
    }
}

#[test]
fn system_views_list_tables_columns_and_indexes() {
    assert_eq!(
        lines(
            "SELECT t.name, s.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id ORDER BY t.name"
        ),
        ["Customer|dbo", "Line|dbo"]
    );
    assert_eq!(
        lines(
            "SELECT TOP (2) name, is_nullable FROM sys.columns WHERE object_id = OBJECT_ID('dbo.Line') ORDER BY column_id"
        ),
        ["Id|0", "CustomerId|1"]
    );
    assert_eq!(
        lines("SELECT name FROM sys.indexes WHERE is_primary_key = 1 ORDER BY name"),
        ["PK_Customer", "PK_Line"]
    );
    assert_eq!(
        lines(
            "SELECT i.name, c.name, k.key_ordinal, k.is_included_column FROM sys.indexes AS i \
             JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id \
             JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id ORDER BY i.name, k.index_column_id"
        ),
        ["PK_Customer|Id|1|0", "PK_Line|Id|1|0"]
    );
    assert_eq!(
        lines("SELECT name, type FROM sys.objects WHERE type = 'U' ORDER BY name"),
        ["Customer|U ", "Line|U "]
    );
    assert_eq!(
        lines("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES"),
        ["2"]
    );
}

#[test]
fn session_functions_have_sql_servers_types() {
    assert_eq!(one("@@TRANCOUNT"), (SqlType::Int, "0".to_owned()));
    assert_eq!(one("XACT_STATE()"), (SqlType::SmallInt, "0".to_owned()));
    assert_eq!(one("@@SPID").0, SqlType::SmallInt);
    assert_eq!(
        one("SCOPE_IDENTITY()").0,
        SqlType::Decimal {
            precision: 38,
            scale: 0
        }
    );
    assert!(value("@@VERSION").contains("Embedded"));
    assert_eq!(value("SERVERPROPERTY('ProductMajorVersion')"), "14");
}
