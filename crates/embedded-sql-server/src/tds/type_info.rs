//! TYPE_INFO: how a type is named on the wire, in both directions.

use super::{
    code_page::COLLATION,
    reader::{Malformed, Reader},
};
use crate::value::{Length, SqlType};

/// The length that means `max`.
const MAX: u16 = 0xFFFF;

pub(super) const GUID: u8 = 0x24;
pub(super) const INT_N: u8 = 0x26;
pub(super) const DATE_N: u8 = 0x28;
pub(super) const TIME_N: u8 = 0x29;
pub(super) const DATETIME2_N: u8 = 0x2A;
pub(super) const DATETIMEOFFSET_N: u8 = 0x2B;
pub(super) const BIT_N: u8 = 0x68;
pub(super) const DECIMAL_N: u8 = 0x6A;
pub(super) const NUMERIC_N: u8 = 0x6C;
pub(super) const FLOAT_N: u8 = 0x6D;
pub(super) const MONEY_N: u8 = 0x6E;
pub(super) const DATETIME_N: u8 = 0x6F;
pub(super) const BIG_VARBINARY: u8 = 0xA5;
pub(super) const BIG_VARCHAR: u8 = 0xA7;
pub(super) const BIG_BINARY: u8 = 0xAD;
pub(super) const BIG_CHAR: u8 = 0xAF;
pub(super) const NVARCHAR: u8 = 0xE7;
pub(super) const NCHAR: u8 = 0xEF;

/// How many bytes a value's own length takes, and how many the value takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// No length: always this many bytes.
    Fixed(usize),
    /// One byte of length, 0 is NULL.
    Byte,
    /// Two bytes of length, 0xFFFF is NULL.
    Word,
    /// Partially length-prefixed: in chunks (`max`).
    Chunks,
}

/// What the bytes of a value mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Null,
    Bit,
    Whole,
    Float,
    Money,
    Decimal { scale: u8 },
    Utf16,
    CodePage,
    Bytes,
    Guid,
    Date,
    DateTime,
    DateTime2 { scale: u8 },
    DateTimeOffset { scale: u8 },
}

/// The type of a parameter as it comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Incoming {
    pub meaning: Meaning,
    pub extent: Extent,
    pub sql_type: SqlType,
}

/// A type that follows the protocol and that this server does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TypeError {
    Malformed(Malformed),
    Unknown(&'static str),
}

impl From<Malformed> for TypeError {
    fn from(error: Malformed) -> Self {
        Self::Malformed(error)
    }
}

/// Reads the type of a parameter.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Incoming, TypeError> {
    let token = reader.u8()?;
    let of = |meaning, extent, sql_type| {
        Ok(Incoming {
            meaning,
            extent,
            sql_type,
        })
    };
    if let Some(fixed) = of_fixed_length(token) {
        return Ok(fixed);
    }
    match token {
        GUID | INT_N | BIT_N | FLOAT_N | MONEY_N | DATETIME_N => {
            let (meaning, sql_type) = of_size(token, reader.u8()?)?;
            of(meaning, Extent::Byte, sql_type)
        }
        DECIMAL_N | NUMERIC_N => {
            let _size = reader.u8()?;
            let precision = reader.u8()?;
            let scale = reader.u8()?;
            if !(1..=38).contains(&precision) || scale > precision {
                return Err(Malformed::new(format!("decimal({precision},{scale})")).into());
            }
            of(
                Meaning::Decimal { scale },
                Extent::Byte,
                SqlType::Decimal { precision, scale },
            )
        }
        DATE_N => of(Meaning::Date, Extent::Byte, SqlType::Date),
        DATETIME2_N => {
            let scale = time_scale(reader)?;
            of(
                Meaning::DateTime2 { scale },
                Extent::Byte,
                SqlType::DateTime2(scale),
            )
        }
        DATETIMEOFFSET_N => {
            let scale = time_scale(reader)?;
            of(
                Meaning::DateTimeOffset { scale },
                Extent::Byte,
                SqlType::DateTimeOffset(scale),
            )
        }
        BIG_VARBINARY | BIG_BINARY => {
            let size = reader.u16()?;
            let sql_type = if token == BIG_BINARY {
                SqlType::Binary(size)
            } else {
                SqlType::VarBinary(limit(size, 1))
            };
            of(Meaning::Bytes, extent(size), sql_type)
        }
        BIG_VARCHAR | BIG_CHAR => {
            let size = reader.u16()?;
            reader.take(COLLATION.len())?;
            let sql_type = if token == BIG_CHAR {
                SqlType::Char(size)
            } else {
                SqlType::VarChar(limit(size, 1))
            };
            of(Meaning::CodePage, extent(size), sql_type)
        }
        NVARCHAR | NCHAR => {
            let size = reader.u16()?;
            reader.take(COLLATION.len())?;
            let sql_type = if token == NCHAR {
                SqlType::NChar(size / 2)
            } else {
                SqlType::NVarChar(limit(size, 2))
            };
            of(Meaning::Utf16, extent(size), sql_type)
        }
        TIME_N => Err(TypeError::Unknown("a parameter of type time")),
        0x22 => Err(TypeError::Unknown("a parameter of type image")),
        0x23 => Err(TypeError::Unknown("a parameter of type text")),
        0x62 => Err(TypeError::Unknown("a parameter of type sql_variant")),
        0x63 => Err(TypeError::Unknown("a parameter of type ntext")),
        0xF0 => Err(TypeError::Unknown("a parameter of a CLR type")),
        0xF1 => Err(TypeError::Unknown("a parameter of type xml")),
        0xF3 => Err(TypeError::Unknown("a table-valued parameter")),
        other => Err(Malformed::new(format!("type {other:#04x}")).into()),
    }
}

/// `money` and `smallmoney` are decimals of four places here.
const MONEY: SqlType = SqlType::Decimal {
    precision: 19,
    scale: 4,
};

/// The types whose values are never NULL and have no length.
fn of_fixed_length(token: u8) -> Option<Incoming> {
    let (meaning, length, sql_type) = match token {
        0x1F => (Meaning::Null, 0, SqlType::NVarChar(Length::Limited(4000))),
        0x30 => (Meaning::Whole, 1, SqlType::TinyInt),
        0x32 => (Meaning::Bit, 1, SqlType::Bit),
        0x34 => (Meaning::Whole, 2, SqlType::SmallInt),
        0x38 => (Meaning::Whole, 4, SqlType::Int),
        0x3A => (Meaning::DateTime, 4, SqlType::DateTime),
        0x3B => (Meaning::Float, 4, SqlType::Float),
        0x3C => (Meaning::Money, 8, MONEY),
        0x3D => (Meaning::DateTime, 8, SqlType::DateTime),
        0x3E => (Meaning::Float, 8, SqlType::Float),
        0x7A => (Meaning::Money, 4, MONEY),
        0x7F => (Meaning::Whole, 8, SqlType::BigInt),
        _ => return None,
    };
    Some(Incoming {
        meaning,
        extent: Extent::Fixed(length),
        sql_type,
    })
}

/// The types that can be NULL and that their size tells apart.
fn of_size(token: u8, size: u8) -> Result<(Meaning, SqlType), Malformed> {
    match (token, size) {
        (GUID, 16) => Ok((Meaning::Guid, SqlType::UniqueIdentifier)),
        (INT_N, 1) => Ok((Meaning::Whole, SqlType::TinyInt)),
        (INT_N, 2) => Ok((Meaning::Whole, SqlType::SmallInt)),
        (INT_N, 4) => Ok((Meaning::Whole, SqlType::Int)),
        (INT_N, 8) => Ok((Meaning::Whole, SqlType::BigInt)),
        (BIT_N, 1) => Ok((Meaning::Bit, SqlType::Bit)),
        (FLOAT_N, 4 | 8) => Ok((Meaning::Float, SqlType::Float)),
        (MONEY_N, 4 | 8) => Ok((Meaning::Money, MONEY)),
        (DATETIME_N, 4 | 8) => Ok((Meaning::DateTime, SqlType::DateTime)),
        _ => Err(Malformed::new(format!("type {token:#04x} of {size} bytes"))),
    }
}

fn time_scale(reader: &mut Reader<'_>) -> Result<u8, Malformed> {
    match reader.u8()? {
        scale @ 0..=7 => Ok(scale),
        other => Err(Malformed::new(format!("a time of scale {other}"))),
    }
}

fn limit(size: u16, unit: u16) -> Length {
    if size == MAX {
        Length::Max
    } else {
        Length::Limited((size / unit).max(1))
    }
}

fn extent(size: u16) -> Extent {
    if size == MAX {
        Extent::Chunks
    } else {
        Extent::Word
    }
}

/// Writes the type of a result column.
///
/// Always the form that can hold NULL: a column that SQL Server would know to be never NULL is marked so by its flag alone.
pub(super) fn write(sql_type: SqlType, bytes: &mut Vec<u8>) {
    match sql_type {
        SqlType::Bit => bytes.extend_from_slice(&[BIT_N, 1]),
        SqlType::TinyInt => bytes.extend_from_slice(&[INT_N, 1]),
        SqlType::SmallInt => bytes.extend_from_slice(&[INT_N, 2]),
        SqlType::Int => bytes.extend_from_slice(&[INT_N, 4]),
        SqlType::BigInt => bytes.extend_from_slice(&[INT_N, 8]),
        SqlType::Float => bytes.extend_from_slice(&[FLOAT_N, 8]),
        SqlType::Decimal { precision, scale } => {
            bytes.extend_from_slice(&[DECIMAL_N, decimal_size(precision), precision, scale]);
        }
        SqlType::NVarChar(length) => text(NVARCHAR, size(length, 2), bytes),
        SqlType::NChar(length) => text(NCHAR, length.saturating_mul(2), bytes),
        SqlType::VarChar(length) => text(BIG_VARCHAR, size(length, 1), bytes),
        SqlType::Char(length) => text(BIG_CHAR, length, bytes),
        SqlType::VarBinary(length) => sized(BIG_VARBINARY, size(length, 1), bytes),
        SqlType::Binary(length) => sized(BIG_BINARY, length, bytes),
        SqlType::UniqueIdentifier => bytes.extend_from_slice(&[GUID, 16]),
        SqlType::Date => bytes.push(DATE_N),
        SqlType::DateTime2(scale) => bytes.extend_from_slice(&[DATETIME2_N, scale]),
        SqlType::DateTime => bytes.extend_from_slice(&[DATETIME_N, 8]),
        SqlType::DateTimeOffset(scale) => bytes.extend_from_slice(&[DATETIMEOFFSET_N, scale]),
    }
}

/// Bytes of a decimal of this precision, sign included.
pub(super) fn decimal_size(precision: u8) -> u8 {
    match precision {
        0..=9 => 5,
        10..=19 => 9,
        20..=28 => 13,
        _ => 17,
    }
}

fn size(length: Length, unit: u16) -> u16 {
    match length {
        Length::Max => MAX,
        Length::Limited(length) => length.saturating_mul(unit).clamp(1, 8000),
    }
}

fn sized(token: u8, size: u16, bytes: &mut Vec<u8>) {
    bytes.push(token);
    bytes.extend_from_slice(&size.to_le_bytes());
}

fn text(token: u8, size: u16, bytes: &mut Vec<u8>) {
    sized(token, size, bytes);
    bytes.extend_from_slice(&COLLATION);
}
