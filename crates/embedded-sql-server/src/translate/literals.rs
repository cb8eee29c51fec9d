//! Literals, typed as SQL Server types them.

use sqlparser::ast::Value as Literal;

use super::scope::{Form, Typed};
use crate::{
    error::SqlError,
    value::{Length, SqlType},
};

/// `'x'` is varchar(1), `N'x'` nvarchar(1), `1` int, `3000000000` numeric(10,0), `1.5` numeric(2,1), `1e0` float, `0xFF` varbinary(1).
pub(super) fn literal(value: &Literal) -> Result<Typed, SqlError> {
    match value {
        Literal::Null => Ok(Typed::null()),
        Literal::Number(digits, false) => number(digits),
        Literal::SingleQuotedString(text) => {
            let length = text.chars().count();
            let length = if length > 8000 {
                Length::Max
            } else {
                limited(length)
            };
            Ok(of(super::text_literal(text), SqlType::VarChar(length), 0))
        }
        Literal::NationalStringLiteral(text) => {
            let length = text.encode_utf16().count();
            let length = if length > 4000 {
                Length::Max
            } else {
                limited(length)
            };
            Ok(of(super::text_literal(text), SqlType::NVarChar(length), 0))
        }
        Literal::HexStringLiteral(digits) => {
            let digits = if digits.len() % 2 == 0 {
                digits.clone()
            } else {
                format!("0{digits}")
            };
            Ok(of(
                format!("x'{digits}'"),
                SqlType::VarBinary(limited(digits.len() / 2)),
                0,
            ))
        }
        other => Err(SqlError::unsupported(format_args!("literal {other}"))),
    }
}

fn of(sql: String, sql_type: SqlType, digits: u8) -> Typed {
    Typed {
        sql,
        sql_type,
        nullable: false,
        form: Form::Literal { digits },
    }
}

fn limited(length: usize) -> Length {
    Length::Limited(u16::try_from(length.max(1)).unwrap_or(u16::MAX))
}

fn number(text: &str) -> Result<Typed, SqlError> {
    let unknown = || SqlError::unsupported(format_args!("number {text}"));
    if text.contains(['e', 'E']) {
        let number: f64 = text.parse().map_err(|_| unknown())?;
        return Ok(of(format!("{number:e}"), SqlType::Float, 0));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.trim_start_matches('0');
    if !text.contains('.')
        && let Ok(number) = text.parse::<i32>()
    {
        return Ok(of(
            number.to_string(),
            SqlType::Int,
            u8::try_from(whole.len().max(1)).unwrap_or(10),
        ));
    }
    let scale = u8::try_from(fraction.len()).map_err(|_| unknown())?;
    let precision = u8::try_from((whole.len() + fraction.len()).max(1)).map_err(|_| unknown())?;
    if precision > 38 {
        return Err(SqlError::new(
            1007,
            format!(
                "The number '{text}' is out of the range for numeric representation (maximum precision 38)."
            ),
        ));
    }
    let scaled: i64 = format!("0{whole}{fraction}").parse().map_err(|_| {
        SqlError::new(
            8115,
            "Arithmetic overflow error converting numeric to data type numeric.",
        )
    })?;
    Ok(of(
        scaled.to_string(),
        SqlType::Decimal { precision, scale },
        0,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_of(text: &str) -> SqlType {
        number(text).unwrap().sql_type
    }

    #[test]
    fn numbers_have_the_type_of_their_digits() {
        assert_eq!(type_of("1"), SqlType::Int);
        assert_eq!(
            type_of("3000000000"),
            SqlType::Decimal {
                precision: 10,
                scale: 0
            }
        );
        assert_eq!(
            type_of("1.5"),
            SqlType::Decimal {
                precision: 2,
                scale: 1
            }
        );
        assert_eq!(
            type_of("0.05"),
            SqlType::Decimal {
                precision: 2,
                scale: 2
            }
        );
        assert_eq!(type_of("1e3"), SqlType::Float);
        assert_eq!(number("1.50").unwrap().sql, "150");
    }

    #[test]
    fn texts_have_the_length_of_their_characters() {
        let text = |literal| super::literal(&literal).unwrap().sql_type;
        assert_eq!(
            text(Literal::SingleQuotedString("abc".into())),
            SqlType::VarChar(Length::Limited(3))
        );
        assert_eq!(
            text(Literal::NationalStringLiteral(String::new())),
            SqlType::NVarChar(Length::Limited(1))
        );
    }
}
