//! Dates and times: their text inside SQLite, SQL Server's rounding, and the texts that convert to them.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// `yyyy-MM-dd`
#[must_use]
pub fn date_text(date: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

/// `yyyy-MM-dd HH:mm:ss.fffffff`, always 7 digits, so that text order is time order.
#[must_use]
pub fn moment_text(moment: PrimitiveDateTime) -> String {
    format!(
        "{} {:02}:{:02}:{:02}.{:07}",
        date_text(moment.date()),
        moment.hour(),
        moment.minute(),
        moment.second(),
        moment.nanosecond() / 100
    )
}

/// [`moment_text`] of the local time and ` +hh:mm`.
#[must_use]
pub fn offset_text(moment: OffsetDateTime) -> String {
    let local = PrimitiveDateTime::new(moment.date(), moment.time());
    format!("{} {}", moment_text(local), zone_text(moment.offset()))
}

/// `+hh:mm`
#[must_use]
pub fn zone_text(offset: UtcOffset) -> String {
    let minutes = offset.whole_minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// Rounds half up to this many digits of a second, as datetime2 does.
#[must_use]
pub fn round_to_scale(moment: PrimitiveDateTime, scale: u8) -> Option<PrimitiveDateTime> {
    let step = 10_i64.pow(u32::from(9_u8.saturating_sub(scale.min(7))));
    round_to_step(moment, step)
}

fn round_to_step(moment: PrimitiveDateTime, step: i64) -> Option<PrimitiveDateTime> {
    let nanos = i64::from(moment.nanosecond());
    let rounded = (nanos + step / 2) / step * step;
    moment.checked_add(Duration::nanoseconds(rounded - nanos))
}

/// Rounds to the steps of datetime: 1/300 of a second, shown as .000, .003 and .007.
#[must_use]
pub fn round_to_ticks(moment: PrimitiveDateTime) -> Option<PrimitiveDateTime> {
    let nanos = i64::from(moment.nanosecond());
    let ticks = (nanos * 3 + 5_000_000) / 10_000_000;
    let millis = (ticks * 10 + 1) / 3;
    moment.checked_add(Duration::nanoseconds(millis * 1_000_000 - nanos))
}

/// What a text says of a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParsedMoment {
    /// Date and time as written.
    pub local: PrimitiveDateTime,
    /// The zone, when one is written.
    pub offset: Option<UtcOffset>,
    /// Digits after the point of the seconds, 0 without.
    pub fraction_digits: u8,
}

/// Reads the ISO forms: `yyyy-MM-dd`, `yyyyMMdd`, with a time after blank or `T`, up to 7 digits of fraction, `Z` or an offset.
/// None for anything else (SQL Server's error 241).
#[must_use]
pub fn parse(text: &str) -> Option<ParsedMoment> {
    let text = text.trim();
    if text.is_empty() {
        let epoch = Date::from_calendar_date(1900, Month::January, 1).ok()?;
        return Some(ParsedMoment {
            local: epoch.midnight(),
            offset: None,
            fraction_digits: 0,
        });
    }
    if !text.is_ascii() {
        return None;
    }
    let (date, rest) = parse_date(text)?;
    if rest.is_empty() {
        return Some(ParsedMoment {
            local: date.midnight(),
            offset: None,
            fraction_digits: 0,
        });
    }
    let rest = match rest.strip_prefix('T') {
        Some(rest) => rest,
        None => rest.strip_prefix(' ')?.trim_start(),
    };
    let (time, fraction_digits, rest) = parse_time(rest)?;
    let rest = rest.trim_start();
    let offset = match rest {
        "" => None,
        "Z" | "z" => Some(UtcOffset::UTC),
        zone => Some(parse_zone(zone)?),
    };
    Some(ParsedMoment {
        local: PrimitiveDateTime::new(date, time),
        offset,
        fraction_digits,
    })
}

fn parse_date(text: &str) -> Option<(Date, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (year, month, day, rest) = if digits == 8 {
        (&text[..4], &text[4..6], &text[6..8], &text[8..])
    } else {
        let bytes = text.as_bytes();
        if digits != 4 || bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        (&text[..4], &text[5..7], &text[8..10], &text[10..])
    };
    let month = Month::try_from(number::<u8>(month)?).ok()?;
    let date = Date::from_calendar_date(number(year)?, month, number(day)?).ok()?;
    (date.year() >= 1).then_some((date, rest))
}

fn number<N: std::str::FromStr>(digits: &str) -> Option<N> {
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

fn parse_time(text: &str) -> Option<(Time, u8, &str)> {
    let part = |from: usize| text.get(from..from + 2).and_then(number::<u8>);
    let hour = part(0)?;
    let minute = (text.as_bytes().get(2) == Some(&b':'))
        .then(|| part(3))
        .flatten()?;
    let (second, mut at) = if text.as_bytes().get(5) == Some(&b':') {
        (part(6)?, 8)
    } else {
        (0, 5)
    };
    let (mut nanos, mut digits) = (0, 0_u8);
    if at == 8 && text.as_bytes().get(8) == Some(&b'.') {
        let fraction: String = text[9..].chars().take_while(char::is_ascii_digit).collect();
        digits = u8::try_from(fraction.len())
            .ok()
            .filter(|n| (1..=7).contains(n))?;
        nanos = number::<u32>(&fraction)? * 10_u32.pow(9 - u32::from(digits));
        at = 9 + fraction.len();
    }
    let time = Time::from_hms_nano(hour, minute, second, nanos).ok()?;
    Some((time, digits, &text[at..]))
}

fn parse_zone(text: &str) -> Option<UtcOffset> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if text.len() != 6 || text.as_bytes()[3] != b':' {
        return None;
    }
    let (hours, minutes) = (number::<i8>(&text[1..3])?, number::<i8>(&text[4..6])?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn datetime2_rounds_half_up_to_its_scale() {
        let moment = datetime!(2026-03-01 23:59:59.999_500);
        assert_eq!(round_to_scale(moment, 3), Some(datetime!(2026-03-02 0:00)));
        assert_eq!(
            round_to_scale(datetime!(2026-03-01 1:02:03.123_449_9), 4),
            Some(datetime!(2026-03-01 1:02:03.1234))
        );
    }

    #[test]
    fn datetime_moves_in_steps_of_a_three_hundredth() {
        let show = |moment| round_to_ticks(moment).map(moment_text);
        assert_eq!(
            show(datetime!(2026-01-01 0:00:00.001)).as_deref(),
            Some("2026-01-01 00:00:00.0000000")
        );
        assert_eq!(
            show(datetime!(2026-01-01 0:00:00.002)).as_deref(),
            Some("2026-01-01 00:00:00.0030000")
        );
        assert_eq!(
            show(datetime!(2026-01-01 0:00:00.005)).as_deref(),
            Some("2026-01-01 00:00:00.0070000")
        );
        assert_eq!(
            show(datetime!(2026-01-01 0:00:00.999)).as_deref(),
            Some("2026-01-01 00:00:01.0000000")
        );
    }

    #[test]
    fn iso_texts_are_times_and_others_are_not() {
        for text in [
            "2026-01-02",
            "20260102",
            "2026-01-02T03:04:05",
            "2026-01-02 03:04",
            "2026-01-02T03:04:05.1234567Z",
            "2026-01-02 03:04:05 +02:00",
        ] {
            assert!(parse(text).is_some(), "{text}");
        }
        for text in [
            "2026-13-01",
            "02/01/2026",
            "yesterday",
            "2026-01-02T25:00:00",
            "2026-01-02T03:04:05.12345678",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
