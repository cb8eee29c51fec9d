//! Types and values as SQL Server knows them: what a parameter carries in and a result column carries out.

use rust_decimal::Decimal;
use time::{Date, OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

/// The length of a variable-length type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    /// At most this many characters (nvarchar, varchar, char) or bytes (varbinary).
    Limited(u16),
    /// `max`: up to 2 GiB.
    Max,
}

/// A SQL Server type, as declared for a column or parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SqlType {
    /// `bit`
    Bit,
    /// `tinyint`, 0 to 255
    TinyInt,
    /// `smallint`
    SmallInt,
    /// `int`
    Int,
    /// `bigint`
    BigInt,
    /// `float` (53 bits)
    Float,
    /// `decimal(precision, scale)`
    Decimal {
        /// Digits in all, 1 to 38 (28 are kept).
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// `nvarchar(n)` or `nvarchar(max)`
    NVarChar(Length),
    /// `varchar(n)` or `varchar(max)`
    VarChar(Length),
    /// `char(n)`
    Char(u16),
    /// `nchar(n)`
    NChar(u16),
    /// `varbinary(n)` or `varbinary(max)`; `binary(n)` is padded to its length
    VarBinary(Length),
    /// `binary(n)`
    Binary(u16),
    /// `uniqueidentifier`
    UniqueIdentifier,
    /// `date`
    Date,
    /// `datetime2(scale)`
    DateTime2(u8),
    /// `datetime` (3.33 ms steps)
    DateTime,
    /// `datetimeoffset(scale)`
    DateTimeOffset(u8),
}

/// One value. `Null` has no type of its own: the column or parameter gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL of any type
    Null,
    /// `bit`
    Bit(bool),
    /// Every whole-number type; the declared type says the width.
    Int(i64),
    /// `float`
    Float(f64),
    /// `decimal`
    Decimal(Decimal),
    /// Every text type
    Text(String),
    /// `varbinary`, `binary`
    Binary(Vec<u8>),
    /// `uniqueidentifier`
    Uuid(Uuid),
    /// `date`
    Date(Date),
    /// `datetime2`, `datetime`: no zone (UTC in this project)
    DateTime(PrimitiveDateTime),
    /// `datetimeoffset`
    DateTimeOffset(OffsetDateTime),
}

/// A column of a result set.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name as selected; empty for an expression without alias.
    pub name: String,
    /// The type that SQL Server would give it.
    pub sql_type: SqlType,
    /// Whether NULL may come.
    pub nullable: bool,
}

/// A parameter of `sp_executesql`, declared and given.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// With its `@`, for example `@P1`.
    pub name: String,
    /// As declared by the client.
    pub sql_type: SqlType,
    /// As given.
    pub value: Value,
    /// Its place in the client's call, from 0, when the client wants its value back (OUTPUT).
    pub returned: Option<u16>,
}
