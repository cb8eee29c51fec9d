//! Types as T-SQL declares them, as messages name them, and as numbers for the functions inside SQLite.

use sqlparser::ast::{BinaryLength, CharacterLength, DataType, ExactNumberInfo, ObjectName};

use crate::{
    error::SqlError,
    value::{Length, SqlType},
};

/// The type that a declaration, CAST or OPENJSON column names. Error 40000 for a type that this server does not keep.
pub fn data_type(declared: &DataType) -> Result<SqlType, SqlError> {
    let unknown = || SqlError::unsupported(format_args!("type {declared}"));
    Ok(match declared {
        DataType::Bit(None) => SqlType::Bit,
        DataType::TinyInt(None) => SqlType::TinyInt,
        DataType::SmallInt(None) => SqlType::SmallInt,
        DataType::Int(None) | DataType::Integer(None) => SqlType::Int,
        DataType::BigInt(None) => SqlType::BigInt,
        DataType::Float(ExactNumberInfo::None | ExactNumberInfo::Precision(25..=53))
        | DataType::Double(ExactNumberInfo::None)
        | DataType::DoublePrecision => SqlType::Float,
        DataType::Decimal(info) | DataType::Numeric(info) | DataType::Dec(info) => {
            decimal(info).ok_or_else(unknown)?
        }
        DataType::Nvarchar(length) => {
            SqlType::NVarChar(characters(length.as_ref(), 4000).ok_or_else(unknown)?)
        }
        DataType::Varchar(length)
        | DataType::CharVarying(length)
        | DataType::CharacterVarying(length) => {
            SqlType::VarChar(characters(length.as_ref(), 8000).ok_or_else(unknown)?)
        }
        DataType::Char(length) | DataType::Character(length) => {
            match characters(length.as_ref(), 8000) {
                Some(Length::Limited(length)) => SqlType::Char(length),
                _ => return Err(unknown()),
            }
        }
        DataType::Varbinary(length) => SqlType::VarBinary(match length {
            None => Length::Limited(1),
            Some(BinaryLength::Max) => Length::Max,
            Some(BinaryLength::IntegerLength { length }) => {
                Length::Limited(limited(*length, 8000).ok_or_else(unknown)?)
            }
        }),
        DataType::Binary(length) => {
            SqlType::Binary(limited(length.unwrap_or(1), 8000).ok_or_else(unknown)?)
        }
        DataType::Uuid => SqlType::UniqueIdentifier,
        DataType::Date => SqlType::Date,
        DataType::Datetime(None) => SqlType::DateTime,
        DataType::Custom(name, modifiers) => custom(name, modifiers).ok_or_else(unknown)?,
        _ => return Err(unknown()),
    })
}

fn custom(name: &ObjectName, modifiers: &[String]) -> Option<SqlType> {
    let [part] = name.0.as_slice() else {
        return None;
    };
    let number = || match modifiers {
        [] => Some(None),
        [one] => one.parse::<u64>().ok().map(Some),
        _ => None,
    };
    match part.as_ident()?.value.to_lowercase().as_str() {
        "datetime2" => Some(SqlType::DateTime2(scale(number()?)?)),
        "datetimeoffset" => Some(SqlType::DateTimeOffset(scale(number()?)?)),
        "uniqueidentifier" if modifiers.is_empty() => Some(SqlType::UniqueIdentifier),
        "nchar" => Some(SqlType::NChar(limited(number()?.unwrap_or(1), 4000)?)),
        "sysname" if modifiers.is_empty() => Some(SqlType::NVarChar(Length::Limited(128))),
        _ => None,
    }
}

fn scale(declared: Option<u64>) -> Option<u8> {
    let scale = u8::try_from(declared.unwrap_or(7)).ok()?;
    (scale <= 7).then_some(scale)
}

fn decimal(info: &ExactNumberInfo) -> Option<SqlType> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => (18, 0),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    let precision = u8::try_from(precision)
        .ok()
        .filter(|p| (1..=38).contains(p))?;
    let scale = u8::try_from(scale).ok().filter(|s| *s <= precision)?;
    Some(SqlType::Decimal { precision, scale })
}

fn characters(length: Option<&CharacterLength>, most: u16) -> Option<Length> {
    match length {
        None => Some(Length::Limited(1)),
        Some(CharacterLength::Max) => Some(Length::Max),
        Some(CharacterLength::IntegerLength { length, unit: None }) => {
            Some(Length::Limited(limited(*length, most)?))
        }
        Some(CharacterLength::IntegerLength { unit: Some(_), .. }) => None,
    }
}

fn limited(length: u64, most: u16) -> Option<u16> {
    u16::try_from(length)
        .ok()
        .filter(|length| (1..=most).contains(length))
}

impl SqlType {
    /// The type's name without length, as SQL Server's messages use it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bit => "bit",
            Self::TinyInt => "tinyint",
            Self::SmallInt => "smallint",
            Self::Int => "int",
            Self::BigInt => "bigint",
            Self::Float => "float",
            Self::Decimal { .. } => "numeric",
            Self::NVarChar(_) => "nvarchar",
            Self::VarChar(_) => "varchar",
            Self::Char(_) => "char",
            Self::NChar(_) => "nchar",
            Self::VarBinary(_) => "varbinary",
            Self::Binary(_) => "binary",
            Self::UniqueIdentifier => "uniqueidentifier",
            Self::Date => "date",
            Self::DateTime2(_) => "datetime2",
            Self::DateTime => "datetime",
            Self::DateTimeOffset(_) => "datetimeoffset",
        }
    }

    /// Whether it is a text type.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Self::NVarChar(_) | Self::VarChar(_) | Self::Char(_) | Self::NChar(_)
        )
    }

    /// Whether it is a Unicode text type.
    #[must_use]
    pub fn is_unicode(self) -> bool {
        matches!(self, Self::NVarChar(_) | Self::NChar(_))
    }

    /// Whether it is a whole-number type other than bit.
    #[must_use]
    pub fn is_whole(self) -> bool {
        matches!(
            self,
            Self::TinyInt | Self::SmallInt | Self::Int | Self::BigInt
        )
    }

    /// Whether it holds a date, with or without time.
    #[must_use]
    pub fn is_temporal(self) -> bool {
        matches!(
            self,
            Self::Date | Self::DateTime | Self::DateTime2(_) | Self::DateTimeOffset(_)
        )
    }

    /// Whether it is a binary type.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, Self::VarBinary(_) | Self::Binary(_))
    }

    /// The characters (UTF-16 units for nvarchar) or bytes it may hold; None for max and for other types.
    #[must_use]
    pub fn limit(self) -> Option<usize> {
        match self {
            Self::NVarChar(Length::Limited(n))
            | Self::VarChar(Length::Limited(n))
            | Self::VarBinary(Length::Limited(n))
            | Self::Char(n)
            | Self::NChar(n)
            | Self::Binary(n) => Some(usize::from(n)),
            _ => None,
        }
    }

    /// The range of a whole-number type.
    #[must_use]
    pub fn range(self) -> Option<(i64, i64)> {
        match self {
            Self::Bit => Some((0, 1)),
            Self::TinyInt => Some((0, 255)),
            Self::SmallInt => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
            Self::Int => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            Self::BigInt => Some((i64::MIN, i64::MAX)),
            _ => None,
        }
    }

    /// One number for the type, to hand it to a function inside SQLite.
    #[must_use]
    pub fn code(self) -> i64 {
        let length = |length: Length| match length {
            Length::Max => 0,
            Length::Limited(n) => i64::from(n),
        };
        let (kind, first, second) = match self {
            Self::Bit => (1, 0, 0),
            Self::TinyInt => (2, 0, 0),
            Self::SmallInt => (3, 0, 0),
            Self::Int => (4, 0, 0),
            Self::BigInt => (5, 0, 0),
            Self::Float => (6, 0, 0),
            Self::Decimal { precision, scale } => (7, i64::from(precision), i64::from(scale)),
            Self::NVarChar(n) => (8, length(n), 0),
            Self::VarChar(n) => (9, length(n), 0),
            Self::Char(n) => (10, i64::from(n), 0),
            Self::NChar(n) => (11, i64::from(n), 0),
            Self::VarBinary(n) => (12, length(n), 0),
            Self::Binary(n) => (13, i64::from(n), 0),
            Self::UniqueIdentifier => (14, 0, 0),
            Self::Date => (15, 0, 0),
            Self::DateTime2(scale) => (16, i64::from(scale), 0),
            Self::DateTime => (17, 0, 0),
            Self::DateTimeOffset(scale) => (18, i64::from(scale), 0),
        };
        (kind << 24) | (first << 8) | second
    }

    /// The type of a [`Self::code`].
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        let first = u16::try_from((code >> 8) & 0xFFFF).ok()?;
        let small = || u8::try_from(first).ok();
        let second = u8::try_from(code & 0xFF).ok()?;
        let length = if first == 0 {
            Length::Max
        } else {
            Length::Limited(first)
        };
        Some(match code >> 24 {
            1 => Self::Bit,
            2 => Self::TinyInt,
            3 => Self::SmallInt,
            4 => Self::Int,
            5 => Self::BigInt,
            6 => Self::Float,
            7 => Self::Decimal {
                precision: small()?,
                scale: second,
            },
            8 => Self::NVarChar(length),
            9 => Self::VarChar(length),
            10 => Self::Char(first),
            11 => Self::NChar(first),
            12 => Self::VarBinary(length),
            13 => Self::Binary(first),
            14 => Self::UniqueIdentifier,
            15 => Self::Date,
            16 => Self::DateTime2(small()?),
            17 => Self::DateTime,
            18 => Self::DateTimeOffset(small()?),
            _ => return None,
        })
    }
}
