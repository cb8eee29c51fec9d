//! The values of the command line: each is read once, and what is wrong with it is said in words.

use std::time::Duration;

use central::ops::{moment::Moment, pause::Until};
use time::{
    OffsetDateTime, PrimitiveDateTime, UtcOffset,
    format_description::well_known::Rfc3339,
    macros::{datetime, format_description},
};

/// A pause without an end: until somebody resumes it.
pub(crate) const WITHOUT_END: PrimitiveDateTime = datetime!(9999-12-31 00:00);

/// A year; whoever wants longer pauses without an end.
const LONGEST: u64 = 366 * 24 * 60 * 60;

/// `90m`, `2h`, `3d`, `45s`.
pub(crate) fn length(text: &str) -> Result<Until, String> {
    let wrong = || format!("`{text}` is no length: write 45s, 90m, 2h or 3d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let seconds = digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds))
        .filter(|seconds| (1..=LONGEST).contains(seconds))
        .ok_or_else(|| format!("`{text}`: a pause takes from 1s to 366d, or has no end"))?;
    Ok(Until::For(Duration::from_secs(seconds)))
}

/// `2026-11-24T08:00Z`, or RFC 3339 with any offset.
pub(crate) fn moment(text: &str) -> Result<Until, String> {
    let short = format_description!("[year]-[month]-[day]T[hour]:[minute]Z");
    PrimitiveDateTime::parse(text, short)
        .or_else(|_| {
            OffsetDateTime::parse(text, &Rfc3339).map(|moment| {
                let utc = moment.to_offset(UtcOffset::UTC);
                PrimitiveDateTime::new(utc.date(), utc.time())
            })
        })
        .map(|moment| Until::Moment(Moment(moment)))
        .map_err(|_| format!("`{text}` is no moment: write 2026-11-24T08:00Z"))
}

/// A whole number from 1 to `most`.
pub(crate) fn number(what: &str, text: &str, most: i64) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| format!("`{text}` is no {what}: a whole number from 1 to {most}"))
}

/// Words that are kept: one line, not empty, at most `most` characters.
pub(crate) fn words(what: &str, text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("{what} is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{what} must be one line of text"));
    }
    if text.encode_utf16().count() > most {
        return Err(format!("{what} has more than {most} characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_a_number_and_a_unit() {
        for (text, seconds) in [("45s", 45), ("90m", 5_400), ("2h", 7_200), ("3d", 259_200)] {
            assert_eq!(
                length(text),
                Ok(Until::For(Duration::from_secs(seconds))),
                "{text}"
            );
        }
        for text in [
            "",
            "h",
            "2",
            "2 h",
            "-2h",
            "+2h",
            "1.5h",
            "0h",
            "367d",
            "99999999999999999999d",
            "2w",
            "２h",
            "2é",
        ] {
            assert!(length(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_utc_whatever_its_offset() {
        let expected = Ok(Until::Moment(Moment(datetime!(2026-11-24 08:00))));
        for text in [
            "2026-11-24T08:00Z",
            "2026-11-24T08:00:00Z",
            "2026-11-24T09:00:00+01:00",
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "2026-11-24",
            "2026-11-24T08:00",
            "2026-13-24T08:00Z",
        ] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
