//! The declaration of parameters in `sp_executesql`: `@P1 int,@P2 numeric(10,2)`.

use crate::value::{Length, SqlType};

/// A parameter as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// With its `@`.
    pub name: String,
    pub sql_type: SqlType,
    /// OUTPUT: its value can be asked back.
    pub output: bool,
}

/// Why a declaration is refused; the words name the part that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the parameter declaration {0}")]
pub(super) struct UnknownDeclaration(String);

/// Reads the declarations, in their order.
pub(super) fn read(text: &str) -> Result<Vec<Declared>, UnknownDeclaration> {
    separated(text)
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(declared)
        .collect()
}

/// Cuts at commas that stand outside of parentheses.
fn separated(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
    .map(str::trim)
    .collect()
}

fn declared(part: &str) -> Result<Declared, UnknownDeclaration> {
    let unknown = || UnknownDeclaration(part.to_owned());
    let (name, rest) = part.split_once(char::is_whitespace).ok_or_else(unknown)?;
    if !name.starts_with('@') {
        return Err(unknown());
    }
    let rest = rest.trim();
    // `@a AS int` is allowed too.
    let rest = rest
        .split_once(char::is_whitespace)
        .filter(|(word, _)| word.eq_ignore_ascii_case("as"))
        .map_or(rest, |(_, rest)| rest.trim());
    let (rest, output) = without_output(rest);
    let sql_type = sql_type(rest).ok_or_else(unknown)?;
    Ok(Declared {
        name: name.to_owned(),
        sql_type,
        output,
    })
}

/// The words before OUTPUT or OUT, and whether it stood there.
fn without_output(words: &str) -> (&str, bool) {
    let last = words
        .rfind(|character: char| character.is_whitespace() || character == ')')
        .and_then(|at| words.split_at_checked(at + 1));
    match last {
        Some((before, word))
            if ["output", "out"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known)) =>
        {
            (before.trim_end(), true)
        }
        _ => (words, false),
    }
}

/// The type named by these words, e.g. `nvarchar(4000)`; anything after it (a default) is not known.
fn sql_type(words: &str) -> Option<SqlType> {
    let (word, arguments) = match words.split_once('(') {
        None => (words, Vec::new()),
        Some((word, rest)) => {
            let inner = rest.trim_end().strip_suffix(')')?;
            (word.trim_end(), inner.split(',').map(str::trim).collect())
        }
    };
    let number = |index: usize| arguments.get(index).map(|text| text.parse::<u16>());
    let scale = |index: usize, otherwise: u8, most: u8| match arguments.get(index) {
        None => Some(otherwise),
        Some(text) => text.parse::<u8>().ok().filter(|scale| *scale <= most),
    };
    let length = |most: u16| match arguments.first() {
        None => Some(Length::Limited(1)),
        Some(word) if word.eq_ignore_ascii_case("max") => Some(Length::Max),
        Some(text) => text
            .parse()
            .ok()
            .filter(|length| (1..=most).contains(length))
            .map(Length::Limited),
    };
    let fixed = |most: u16| match number(0) {
        None => Some(1),
        Some(length) => length.ok().filter(|length| (1..=most).contains(length)),
    };
    let plain = |sql_type: SqlType| arguments.is_empty().then_some(sql_type);
    match word.to_ascii_lowercase().as_str() {
        "bit" => plain(SqlType::Bit),
        "tinyint" => plain(SqlType::TinyInt),
        "smallint" => plain(SqlType::SmallInt),
        "int" | "integer" => plain(SqlType::Int),
        "bigint" => plain(SqlType::BigInt),
        // Single precision is carried as double; no column of this project is real.
        "real" => plain(SqlType::Float),
        "float" => Some(SqlType::Float),
        "decimal" | "numeric" | "dec" => {
            let precision = scale(0, 18, 38).filter(|precision| *precision > 0)?;
            Some(SqlType::Decimal {
                precision,
                scale: scale(1, 0, precision)?,
            })
        }
        "nvarchar" => length(4000).map(SqlType::NVarChar),
        "varchar" => length(8000).map(SqlType::VarChar),
        "varbinary" => length(8000).map(SqlType::VarBinary),
        "nchar" => fixed(4000).map(SqlType::NChar),
        "char" => fixed(8000).map(SqlType::Char),
        "binary" => fixed(8000).map(SqlType::Binary),
        "uniqueidentifier" => plain(SqlType::UniqueIdentifier),
        "date" => plain(SqlType::Date),
        "datetime" => plain(SqlType::DateTime),
        "datetime2" => scale(0, 7, 7).map(SqlType::DateTime2),
        "datetimeoffset" => scale(0, 7, 7).map(SqlType::DateTimeOffset),
        // The type of system names: nvarchar(128).
        "sysname" => plain(SqlType::NVarChar(Length::Limited(128))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_of_tiberius_are_known() {
        let text = "@P1 tinyint,@P2 smallint,@P3 int,@P4 bigint,@P5 float(24),@P6 float(53),@P7 bit,@P8 nvarchar(4000),\
                    @P9 nvarchar(max),@P10 uniqueidentifier,@P11 varbinary(8000),@P12 varbinary(max),@P13 numeric(10,2),\
                    @P14 numeric,@P15 datetime,@P16 date,@P17 datetime2,@P18 datetimeoffset";
        let types: Vec<_> = read(text)
            .unwrap()
            .into_iter()
            .map(|declared| declared.sql_type)
            .collect();
        assert_eq!(
            types,
            [
                SqlType::TinyInt,
                SqlType::SmallInt,
                SqlType::Int,
                SqlType::BigInt,
                SqlType::Float,
                SqlType::Float,
                SqlType::Bit,
                SqlType::NVarChar(Length::Limited(4000)),
                SqlType::NVarChar(Length::Max),
                SqlType::UniqueIdentifier,
                SqlType::VarBinary(Length::Limited(8000)),
                SqlType::VarBinary(Length::Max),
                SqlType::Decimal {
                    precision: 10,
                    scale: 2
                },
                SqlType::Decimal {
                    precision: 18,
                    scale: 0
                },
                SqlType::DateTime,
                SqlType::Date,
                SqlType::DateTime2(7),
                SqlType::DateTimeOffset(7),
            ]
        );
    }

    #[test]
    fn names_keep_their_sign_and_blanks_do_not_count() {
        let declared = read(" @Id  INT , @Name AS NVarChar ( 50 ) ").unwrap();
        assert_eq!(
            declared[0],
            Declared {
                name: "@Id".into(),
                sql_type: SqlType::Int,
                output: false,
            }
        );
        assert_eq!(
            declared[1],
            Declared {
                name: "@Name".into(),
                sql_type: SqlType::NVarChar(Length::Limited(50)),
                output: false,
            }
        );
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn output_parameters_are_told_apart() {
        let text = "@a int OUTPUT, @b nvarchar(20)out, @c decimal(25, 4) Output, @output int";
        let outputs: Vec<_> = read(text)
            .unwrap()
            .into_iter()
            .map(|declared| (declared.name, declared.output))
            .collect();
        let expected = [("@a", true), ("@b", true), ("@c", true), ("@output", false)];
        assert_eq!(
            outputs,
            expected.map(|(name, output)| (name.to_owned(), output))
        );
    }

    #[test]
    fn what_is_not_known_is_named() {
        for text in [
            "@a xml",
            "@a int = 1",
            "a int",
            "@a",
            "@a nvarchar(4001)",
            "@a numeric(39,2)",
            "@a int(4)",
            "@a time",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(
            read("@a int, @b geography")
                .unwrap_err()
                .to_string()
                .contains("geography")
        );
    }
}
