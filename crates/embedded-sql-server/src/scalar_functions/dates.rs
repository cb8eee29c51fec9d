//! DATEADD, DATEDIFF, DATEPART and their kin.

use rusqlite::{Connection, Result, functions::Context, types::Value as Stored};
use time::{Date, Duration, Month, PrimitiveDateTime};

use super::{add, text_at, type_at, whole_at};
use crate::{
    error::SqlError,
    translate::{
        conversion::{decode, encode},
        moments,
    },
    value::{SqlType, Value},
};

type Outcome = std::result::Result<Stored, SqlError>;

pub(super) fn register(connection: &Connection) -> Result<()> {
    // part, number, date, type of the date
    add(connection, "mssql_dateadd", 4, date_add)?;
    // part, start, end (both as datetime2), 0 for an int and 1 for a bigint
    add(connection, "mssql_datediff", 4, date_diff)?;
    // part, datetime2
    add(connection, "mssql_datepart", 2, date_part)?;
    add(connection, "mssql_datefromparts", 3, date_from_parts)?;
    // date, months to add
    add(connection, "mssql_eomonth", 2, end_of_month)
}

/// A part of a date as DATEADD, DATEDIFF and DATEPART name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Year,
    Quarter,
    Month,
    DayOfYear,
    Day,
    Week,
    IsoWeek,
    Weekday,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Part {
    /// The part of this name or abbreviation.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "year" | "yy" | "yyyy" => Self::Year,
            "quarter" | "qq" | "q" => Self::Quarter,
            "month" | "mm" | "m" => Self::Month,
            "dayofyear" | "dy" | "y" => Self::DayOfYear,
            "day" | "dd" | "d" => Self::Day,
            "week" | "wk" | "ww" => Self::Week,
            "iso_week" | "isowk" | "isoww" => Self::IsoWeek,
            "weekday" | "dw" | "w" => Self::Weekday,
            "hour" | "hh" => Self::Hour,
            "minute" | "mi" | "n" => Self::Minute,
            "second" | "ss" | "s" => Self::Second,
            "millisecond" | "ms" => Self::Millisecond,
            "microsecond" | "mcs" => Self::Microsecond,
            "nanosecond" | "ns" => Self::Nanosecond,
            _ => return None,
        })
    }

    /// Nanoseconds of a part of fixed length; None of months and longer.
    fn nanoseconds(self) -> Option<i128> {
        Some(match self {
            Self::Day | Self::DayOfYear | Self::Weekday => 86_400_000_000_000,
            Self::Week => 7 * 86_400_000_000_000,
            Self::Hour => 3_600_000_000_000,
            Self::Minute => 60_000_000_000,
            Self::Second => 1_000_000_000,
            Self::Millisecond => 1_000_000,
            Self::Microsecond => 1_000,
            Self::Nanosecond => 1,
            Self::Year | Self::Quarter | Self::Month | Self::IsoWeek => return None,
        })
    }
}

fn part_at(context: &Context<'_>) -> std::result::Result<Part, SqlError> {
    text_at(context, 0)?
        .and_then(Part::named)
        .ok_or_else(|| SqlError::unsupported("this date part"))
}

fn out_of_range(sql_type: SqlType) -> SqlError {
    SqlError::new(
        517,
        format!(
            "Adding a value to a '{}' column caused an overflow.",
            sql_type.name()
        ),
    )
}

fn date_add(context: &Context<'_>) -> Outcome {
    let sql_type = type_at(context, 3)?;
    let Some(number) = whole_at(context, 1)? else {
        return Ok(Stored::Null);
    };
    let part = part_at(context)?;
    let wrong = || out_of_range(sql_type);
    let result = match decode(context.get_raw(2), sql_type)? {
        Value::Null => return Ok(Stored::Null),
        Value::Date(date) => Value::Date(
            added(date.midnight(), part, number)
                .ok_or_else(wrong)?
                .date(),
        ),
        Value::DateTime(moment) => {
            let sum = added(moment, part, number).ok_or_else(wrong)?;
            let rounded = match sql_type {
                SqlType::DateTime => moments::round_to_ticks(sum),
                SqlType::DateTime2(scale) => moments::round_to_scale(sum, scale),
                _ => Some(sum),
            };
            Value::DateTime(rounded.ok_or_else(wrong)?)
        }
        Value::DateTimeOffset(moment) => {
            let local = PrimitiveDateTime::new(moment.date(), moment.time());
            Value::DateTimeOffset(
                added(local, part, number)
                    .ok_or_else(wrong)?
                    .assume_offset(moment.offset()),
            )
        }
        _ => {
            return Err(SqlError::unsupported(
                "DATEADD of a value that is not a date",
            ));
        }
    };
    encode(&result, sql_type)
}

fn added(moment: PrimitiveDateTime, part: Part, number: i64) -> Option<PrimitiveDateTime> {
    let months = match part {
        Part::Year => Some(number.checked_mul(12)?),
        Part::Quarter => Some(number.checked_mul(3)?),
        Part::Month => Some(number),
        _ => None,
    };
    if let Some(months) = months {
        return Some(moment.replace_date(months_later(moment.date(), months)?));
    }
    let nanoseconds = part.nanoseconds()?.checked_mul(i128::from(number))?;
    let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()?;
    let rest = i32::try_from(nanoseconds.rem_euclid(1_000_000_000)).ok()?;
    let sum = moment.checked_add(Duration::new(seconds, rest))?;
    (1..=9999).contains(&sum.year()).then_some(sum)
}

/// The same day some months later; the last day of the month where it has fewer.
fn months_later(date: Date, months: i64) -> Option<Date> {
    let index = i64::from(date.year()) * 12 + i64::from(u8::from(date.month())) - 1 + months;
    let year = i32::try_from(index.div_euclid(12))
        .ok()
        .filter(|year| (1..=9999).contains(year))?;
    let month = Month::try_from(u8::try_from(index.rem_euclid(12) + 1).ok()?).ok()?;
    Date::from_calendar_date(year, month, date.day().min(month.length(year))).ok()
}

/// The boundaries of the part that lie between start and end.
fn date_diff(context: &Context<'_>) -> Outcome {
    let part = part_at(context)?;
    let big = whole_at(context, 3)? == Some(1);
    let (Some(start), Some(end)) = (moment_at(context, 1)?, moment_at(context, 2)?) else {
        return Ok(Stored::Null);
    };
    let count = |moment: PrimitiveDateTime| -> Option<i128> {
        let date = moment.date();
        Some(match part {
            Part::Year => i128::from(date.year()),
            Part::Quarter => {
                i128::from(date.year()) * 4 + i128::from((u8::from(date.month()) - 1) / 3)
            }
            Part::Month => i128::from(date.year()) * 12 + i128::from(u8::from(date.month())),
            // Julian day 0 was a Monday; weeks begin on Sunday.
            Part::Week => (i128::from(date.to_julian_day()) + 1).div_euclid(7),
            Part::IsoWeek => return None,
            _ => moment
                .assume_utc()
                .unix_timestamp_nanos()
                .div_euclid(part.nanoseconds()?),
        })
    };
    let (Some(from), Some(to)) = (count(start), count(end)) else {
        return Err(SqlError::unsupported("DATEDIFF with this part"));
    };
    let fits = i64::try_from(to - from)
        .ok()
        .filter(|n| big || i32::try_from(*n).is_ok());
    fits.map(Stored::Integer).ok_or_else(|| {
        SqlError::new(
            535,
            "The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use datediff with a less precise datepart.",
        )
    })
}

fn moment_at(
    context: &Context<'_>,
    at: usize,
) -> std::result::Result<Option<PrimitiveDateTime>, SqlError> {
    match decode(context.get_raw(at), SqlType::DateTime2(7))? {
        Value::DateTime(moment) => Ok(Some(moment)),
        _ => Ok(None),
    }
}

fn date_part(context: &Context<'_>) -> Outcome {
    let part = part_at(context)?;
    let Some(moment) = moment_at(context, 1)? else {
        return Ok(Stored::Null);
    };
    let nanos = i64::from(moment.nanosecond());
    let month = i64::from(u8::from(moment.month()));
    Ok(Stored::Integer(match part {
        Part::Year => i64::from(moment.year()),
        Part::Quarter => (month - 1) / 3 + 1,
        Part::Month => month,
        Part::DayOfYear => i64::from(moment.ordinal()),
        Part::Day => i64::from(moment.day()),
        Part::IsoWeek => i64::from(moment.iso_week()),
        Part::Weekday => i64::from(moment.weekday().number_from_sunday()),
        Part::Week => {
            i64::from(moment.date().sunday_based_week())
                + i64::from(!begins_on_sunday(moment.year()))
        }
        Part::Hour => i64::from(moment.hour()),
        Part::Minute => i64::from(moment.minute()),
        Part::Second => i64::from(moment.second()),
        Part::Millisecond => nanos / 1_000_000,
        Part::Microsecond => nanos / 1_000,
        Part::Nanosecond => nanos,
    }))
}

/// The week of January 1 is week 1; time counts days before the first Sunday as week 0.
fn begins_on_sunday(year: i32) -> bool {
    Date::from_calendar_date(year, Month::January, 1)
        .is_ok_and(|first| first.weekday().number_from_sunday() == 1)
}

fn date_from_parts(context: &Context<'_>) -> Outcome {
    let (Some(year), Some(month), Some(day)) = (
        whole_at(context, 0)?,
        whole_at(context, 1)?,
        whole_at(context, 2)?,
    ) else {
        return Ok(Stored::Null);
    };
    let date = || {
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let year = i32::try_from(year)
            .ok()
            .filter(|year| (1..=9999).contains(year))?;
        Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
    };
    date().map(|date| Stored::Text(moments::date_text(date))).ok_or_else(|| {
        SqlError::new(289, "Cannot construct data type date, some of the arguments have values which are not valid.")
    })
}

fn end_of_month(context: &Context<'_>) -> Outcome {
    let Value::Date(date) = decode(context.get_raw(0), SqlType::Date)? else {
        return Ok(Stored::Null);
    };
    let Some(months) = whole_at(context, 1)? else {
        return Ok(Stored::Null);
    };
    let last = months_later(date, months)
        .and_then(|later| later.replace_day(later.month().length(later.year())).ok())
        .ok_or_else(|| out_of_range(SqlType::Date))?;
    Ok(Stored::Text(moments::date_text(last)))
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_month_later_ends_with_the_month() {
        assert_eq!(
            months_later(date!(2026 - 01 - 31), 1),
            Some(date!(2026 - 02 - 28))
        );
        assert_eq!(
            months_later(date!(2024 - 03 - 31), -1),
            Some(date!(2024 - 02 - 29))
        );
        assert_eq!(months_later(date!(9999 - 12 - 01), 1), None);
    }

    #[test]
    fn adding_seconds_and_days_moves_the_moment() {
        let start = datetime!(2026-02-28 23:59:59.5);
        assert_eq!(
            added(start, Part::Second, 1),
            Some(datetime!(2026-03-01 0:00:00.5))
        );
        assert_eq!(
            added(start, Part::Day, -28),
            Some(datetime!(2026-01-31 23:59:59.5))
        );
        assert_eq!(
            added(start, Part::Millisecond, -500),
            Some(datetime!(2026-02-28 23:59:59))
        );
    }
}
