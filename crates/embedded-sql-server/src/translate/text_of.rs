//! Values as text: CAST and CONVERT to the character types, with their styles.

use time::{PrimitiveDateTime, UtcOffset};

use super::{binary_conversion, moments, value_conversion};
use crate::{
    error::SqlError,
    tds::code_page,
    value::{SqlType, Value},
};

/// The text of a value, cut or padded to the target type.
pub(super) fn text_of(
    value: &Value,
    from: SqlType,
    to: SqlType,
    style: Option<i64>,
) -> Result<String, SqlError> {
    let overflow = |whole: String| match to.limit() {
        Some(limit) if whole.len() > limit => Err(value_conversion::overflow(to)),
        _ => Ok(whole),
    };
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Bit(bit) => u8::from(*bit).to_string(),
        Value::Int(number) => {
            let digits = number.to_string();
            // SQL Server answers '*' when a number does not fit into a varchar or char; nvarchar is an error.
            if !to.is_unicode() && to.limit().is_some_and(|limit| digits.len() > limit) {
                "*".to_owned()
            } else {
                overflow(digits)?
            }
        }
        Value::Decimal(number) => overflow(decimal_text(*number, from))?,
        Value::Float(number) => overflow(float_text(*number, style)?)?,
        Value::Uuid(id) => {
            let text = id.hyphenated().to_string().to_uppercase();
            if to.limit().is_some_and(|limit| limit < 36) {
                return Err(SqlError::new(
                    8170,
                    "Insufficient result space to convert uniqueidentifier value to char.",
                ));
            }
            text
        }
        Value::Date(_) | Value::DateTime(_) | Value::DateTimeOffset(_) => {
            moment_text(value, from, style)?
        }
        Value::Binary(bytes) => binary_conversion::binary_text(bytes, to, style)?,
        Value::Null => return Err(value_conversion::not_allowed(from, to)),
    };
    Ok(fit(text, from, to))
}

/// Cuts to the length of the type, pads the fixed ones, and replaces what a varchar cannot hold.
pub(crate) fn fit(text: String, from: SqlType, to: SqlType) -> String {
    let text = if to.is_text() && !to.is_unicode() && from.is_unicode() {
        code_page::decode(&code_page::encode(&text))
    } else {
        text
    };
    let Some(limit) = to.limit() else { return text };
    let mut text = cut(text, limit, to.is_unicode());
    if let SqlType::Char(_) | SqlType::NChar(_) = to {
        let used = length(&text, to.is_unicode());
        text.extend(std::iter::repeat_n(' ', limit.saturating_sub(used)));
    }
    text
}

/// Characters of a varchar, UTF-16 units of an nvarchar.
pub(crate) fn length(text: &str, unicode: bool) -> usize {
    if unicode {
        text.encode_utf16().count()
    } else {
        text.chars().count()
    }
}

fn cut(text: String, limit: usize, unicode: bool) -> String {
    if text.len() <= limit {
        return text;
    }
    if !unicode {
        return text.chars().take(limit).collect();
    }
    let mut units = 0;
    text.chars()
        .take_while(|character| {
            units += character.len_utf16();
            units <= limit
        })
        .collect()
}

fn decimal_text(number: rust_decimal::Decimal, from: SqlType) -> String {
    match from {
        SqlType::Decimal { scale, .. } => format!("{number:.prec$}", prec = usize::from(scale)),
        _ => number.to_string(),
    }
}

/// Style 0: six digits, with an exponent where they do not reach. Style 3: as many as it takes to read it back.
fn float_text(number: f64, style: Option<i64>) -> Result<String, SqlError> {
    let digits = match style {
        None | Some(0) => 5,
        Some(1) => return Ok(scientific(number, 7)),
        Some(2) => return Ok(scientific(number, 15)),
        Some(3) => return Ok(scientific(number, 16)),
        Some(other) => {
            return Err(SqlError::unsupported(format_args!(
                "CONVERT style {other} of float"
            )));
        }
    };
    if number == 0.0 {
        return Ok("0".to_owned());
    }
    let text = format!("{number:.digits$e}");
    let exponent: i32 = text
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    if !(-5..6).contains(&exponent) {
        let (mantissa, _) = text.split_once('e').unwrap_or((&text, ""));
        let mantissa = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        return Ok(format!(
            "{mantissa}e{}{:03}",
            if exponent < 0 { '-' } else { '+' },
            exponent.abs()
        ));
    }
    let decimals = usize::try_from(5 - exponent).unwrap_or(0);
    let plain = format!("{number:.decimals$}");
    Ok(if plain.contains('.') {
        plain.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        plain
    })
}

fn scientific(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!(
        "{mantissa}e{}{:03}",
        if exponent < 0 { '-' } else { '+' },
        exponent.abs()
    )
}

fn moment_text(value: &Value, from: SqlType, style: Option<i64>) -> Result<String, SqlError> {
    let (local, offset) = match value {
        Value::Date(date) => (date.midnight(), None),
        Value::DateTime(moment) => (*moment, None),
        Value::DateTimeOffset(moment) => (
            PrimitiveDateTime::new(moment.date(), moment.time()),
            Some(*moment),
        ),
        _ => return Err(SqlError::unsupported("a time without date as text")),
    };
    let scale = match from {
        SqlType::DateTime => 3,
        SqlType::DateTime2(scale) | SqlType::DateTimeOffset(scale) => scale,
        _ => 0,
    };
    // The default of datetime is style 0, of the newer types 121.
    let style = style
        .filter(|style| *style != 0)
        .unwrap_or(if from == SqlType::DateTime { 0 } else { 121 });
    let day = moments::date_text(local.date());
    let clock = format!(
        "{:02}:{:02}:{:02}",
        local.hour(),
        local.minute(),
        local.second()
    );
    let fraction = fraction(local, scale);
    let zone = offset.map(|moment| moments::zone_text(moment.offset()));
    if from == SqlType::Date && matches!(style, 20 | 21 | 25 | 120 | 121 | 126 | 127) {
        return Ok(day);
    }
    Ok(match style {
        23 => day,
        112 => day.replace('-', ""),
        101 => format!("{}/{}/{}", &day[5..7], &day[8..10], &day[..4]),
        8 | 24 | 108 => clock,
        0 | 100 => short_style(local),
        20 | 120 => format!(
            "{day} {clock}{}",
            zone.map(|zone| format!(" {zone}")).unwrap_or_default()
        ),
        21 | 25 | 121 => format!(
            "{day} {clock}{fraction}{}",
            zone.map(|zone| format!(" {zone}")).unwrap_or_default()
        ),
        126 => format!(
            "{day}T{clock}{}{}",
            shown(local, &fraction),
            zone.unwrap_or_default()
        ),
        127 => match offset {
            None => format!("{day}T{clock}{}", shown(local, &fraction)),
            Some(moment) => {
                let utc = moment.to_offset(UtcOffset::UTC);
                let local = PrimitiveDateTime::new(utc.date(), utc.time());
                let whole = moments::moment_text(local);
                format!(
                    "{}T{}{}Z",
                    &whole[..10],
                    &whole[11..19],
                    shown(local, &self::fraction(local, scale))
                )
            }
        },
        other => {
            return Err(SqlError::unsupported(format_args!(
                "CONVERT style {other} of {}",
                from.name()
            )));
        }
    })
}

/// Styles 126 and 127 leave a fraction of zero away.
fn shown(local: PrimitiveDateTime, fraction: &str) -> &str {
    if local.nanosecond() == 0 {
        ""
    } else {
        fraction
    }
}

fn fraction(local: PrimitiveDateTime, scale: u8) -> String {
    if scale == 0 {
        return String::new();
    }
    let digits = format!("{:09}", local.nanosecond());
    format!(".{}", &digits[..usize::from(scale.min(7))])
}

/// `Jan  2 2026  3:04AM`
fn short_style(local: PrimitiveDateTime) -> String {
    let month: String = local.month().to_string().chars().take(3).collect();
    let (half, hour) = if local.hour() < 12 {
        ("AM", local.hour())
    } else {
        ("PM", local.hour() - 12)
    };
    let hour = if hour == 0 { 12 } else { hour };
    format!(
        "{month} {:>2} {:04} {hour:>2}:{:02}{half}",
        local.day(),
        local.year(),
        local.minute()
    )
}
