//! Reads the query of a URL: names that a route does not know are faults, so that nothing asked for is ignored.

use association::parse::MemberError;
use axum::http::Uri;
use url::form_urlencoded;

use crate::problem::{Kind, Problem};

/// Names and values, each name once. Faults point to `?name`.
pub(crate) fn read<const N: usize>(
    uri: &Uri,
    names: [&'static str; N],
) -> Result<[Option<String>; N], Problem> {
    let mut values = [const { None }; N];
    let mut errors = Vec::new();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match names.iter().position(|known| *known == name) {
            None => errors.push(MemberError::new(
                format!("?{name}"),
                "unknown-parameter",
                "is not a parameter of this path",
            )),
            Some(place) if values[place].is_some() => errors.push(MemberError::new(
                format!("?{name}"),
                "duplicate-parameter",
                "is given twice",
            )),
            Some(place) => values[place] = Some(value.into_owned()),
        }
    }
    if errors.is_empty() {
        Ok(values)
    } else {
        Err(invalid(errors))
    }
}

/// A whole number within limits, or its default.
pub(crate) fn number(
    name: &str,
    value: Option<&str>,
    default: u32,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<u32, MemberError> {
    let Some(value) = value else {
        return Ok(default);
    };
    value
        .parse()
        .ok()
        .filter(|number| allowed.contains(number))
        .ok_or_else(|| {
            MemberError::new(
                format!("?{name}"),
                "out-of-range",
                format!(
                    "must be a whole number from {} to {}",
                    allowed.start(),
                    allowed.end()
                ),
            )
        })
}

/// `true` or `false`, which it is when missing.
pub(crate) fn flag(name: &str, value: Option<&str>) -> Result<bool, MemberError> {
    match value {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(MemberError::new(
            format!("?{name}"),
            "not-a-flag",
            "must be true or false",
        )),
    }
}

/// The answer to a query with faults.
pub(crate) fn invalid(errors: Vec<MemberError>) -> Problem {
    Problem::new(
        Kind::InvalidRequest,
        "Parameters of the query are not as they must be; errors names each.",
    )
    .with_errors(errors)
}
