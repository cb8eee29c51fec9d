//! Reads the query of a URL: names that a route does not know are faults, so that nothing asked for is ignored.

use association::parse::MemberError;
use axum::http::Uri;
use url::form_urlencoded;

use crate::problem::{Kind, Problem};

/// The query of a URL, read name by name. Every fault is kept, so that one answer shows all.
pub(crate) struct Query {
    values: Vec<(&'static str, String)>,
    errors: Vec<MemberError>,
}

impl Query {
    /// Names and values, each name once. Faults point to `?name`.
    pub(crate) fn open(uri: &Uri, known: &[&[&'static str]]) -> Self {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        let mut errors = Vec::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            let fault = |code: &'static str, message: &str| {
                MemberError::new(format!("?{name}"), code, message)
            };
            match known
                .iter()
                .copied()
                .flatten()
                .find(|known| **known == name)
            {
                None => errors.push(fault(
                    "unknown-parameter",
                    "is not a parameter of this path",
                )),
                Some(known) if values.iter().any(|(given, _)| given == known) => {
                    errors.push(fault("duplicate-parameter", "is given twice"));
                }
                Some(known) => values.push((known, value.into_owned())),
            }
        }
        Self { values, errors }
    }

    /// The value of a name, read; a fault is kept and leaves the type's default, which [`Query::finish`] then keeps back.
    pub(crate) fn take<T: Default>(
        &mut self,
        name: &str,
        read: impl FnOnce(Option<&str>) -> Result<T, MemberError>,
    ) -> T {
        let value = self.values.iter().find(|(given, _)| *given == name);
        match read(value.map(|(_, value)| value.as_str())) {
            Ok(value) => value,
            Err(error) => {
                self.errors.push(error);
                T::default()
            }
        }
    }

    /// What was read, if nothing was wrong.
    pub(crate) fn finish<T>(self, read: T) -> Result<T, Problem> {
        if self.errors.is_empty() {
            Ok(read)
        } else {
            Err(invalid(self.errors))
        }
    }
}

/// Names and values, each name once. Faults point to `?name`.
pub(crate) fn read<const N: usize>(
    uri: &Uri,
    names: [&'static str; N],
) -> Result<[Option<String>; N], Problem> {
    let Query { values, errors } = Query::open(uri, &[&names]);
    if !errors.is_empty() {
        return Err(invalid(errors));
    }
    let mut found = [const { None }; N];
    for (name, value) in values {
        if let Some(place) = names.iter().position(|known| *known == name) {
            found[place] = Some(value);
        }
    }
    Ok(found)
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
