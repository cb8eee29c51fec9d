//! Asks one question of a small world: two tables, a few rows.

use embedded_sql_server::{
    collect::Collected,
    database::{Database, Storage},
    session::Session,
    value::{Length, SqlType, Value},
};

const WORLD: &str = "
CREATE TABLE dbo.Customer (Id int NOT NULL IDENTITY(1,1) CONSTRAINT PK_Customer PRIMARY KEY, Name nvarchar(50) NOT NULL, Code varchar(10) NULL, Balance decimal(25,4) NULL, Active bit NOT NULL, Since datetime2(3) NULL);
CREATE TABLE dbo.Line (Id bigint NOT NULL CONSTRAINT PK_Line PRIMARY KEY, CustomerId int NULL, Number nvarchar(20) NOT NULL, Price decimal(9,2) NULL, Started date NULL, Token uniqueidentifier NULL, Hash varbinary(32) NULL);
INSERT INTO dbo.Customer (Name, Code, Balance, Active, Since) VALUES
  (N'Alpha', 'A', 10.5, 1, '2026-01-02T03:04:05.678'), (N'beta', 'B', NULL, 0, NULL), (N'Gamma', NULL, -3.25, 1, '2026-02-01');
INSERT INTO dbo.Line (Id, CustomerId, Number, Price, Started) VALUES
  (10, 1, N'555-0001', 1.50, '2026-01-01'), (11, 1, N'555-0002', 2.25, '2026-01-15'), (12, 2, N'555-0003', NULL, NULL), (13, NULL, N'555-0004', 9.99, '2025-12-31');
";

pub fn world() -> Session {
    let database = Database::open(&Storage::Memory, "World").unwrap();
    let mut session = database.session();
    let mut sink = Collected::default();
    session.batch(WORLD, &mut sink);
    assert_eq!(sink.errors, []);
    session
}

/// Everything that a batch answers.
pub fn batch(text: &str) -> Collected {
    let mut sink = Collected::default();
    world().batch(text, &mut sink);
    sink
}

/// The rows of a batch that has no error.
pub fn rows(text: &str) -> Vec<Vec<Value>> {
    let answer = batch(text);
    assert_eq!(answer.errors, [], "{text}");
    answer.rows().to_vec()
}

/// The rows as text, cells joined by `|`, for tests of what rows come.
pub fn lines(text: &str) -> Vec<String> {
    rows(text)
        .iter()
        .map(|row| row.iter().map(shown).collect::<Vec<_>>().join("|"))
        .collect()
}

pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bit(bit) => u8::from(*bit).to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Binary(bytes) => bytes
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect::<Vec<_>>()
            .concat(),
        Value::Uuid(id) => id.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::DateTimeOffset(moment) => moment.to_string(),
    }
}

/// Type and shown value of one expression.
pub fn one(expression: &str) -> (SqlType, String) {
    let answer = batch(&format!("SELECT {expression}"));
    assert_eq!(answer.errors, [], "{expression}");
    let set = answer.sets.last().unwrap();
    (set.columns[0].sql_type, shown(&set.rows[0][0]))
}

/// The value of one expression as text.
pub fn value(expression: &str) -> String {
    one(expression).1
}

/// The number of the first error.
pub fn error(text: &str) -> u32 {
    let answer = batch(text);
    answer
        .errors
        .first()
        .unwrap_or_else(|| panic!("no error: {text}: {:?}", answer.rows()))
        .number
}

pub const fn nvarchar(length: u16) -> SqlType {
    SqlType::NVarChar(Length::Limited(length))
}

pub const fn varchar(length: u16) -> SqlType {
    SqlType::VarChar(Length::Limited(length))
}

pub const fn decimal(precision: u8, scale: u8) -> SqlType {
    SqlType::Decimal { precision, scale }
}
