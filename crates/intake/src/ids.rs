//! Ids in paths and queries. Each has one spelling, so that no address is a second name of the same thing.

use association::{
    ids::{DeviceId, Iccid, RevCustomerId},
    parse::MemberError,
};

use crate::problem::{Kind, Problem};

/// The device of a path; what no id is answers like one that does not exist.
pub(crate) fn device(text: &str) -> Result<DeviceId, Problem> {
    number(text).ok_or_else(Problem::not_found)
}

/// The account number of a path, likewise.
pub(crate) fn customer(text: &str) -> Result<RevCustomerId, Problem> {
    RevCustomerId::parse(text)
        .ok()
        .filter(|id| id.as_str() == text)
        .ok_or_else(Problem::not_found)
}

/// The ICCID of a path. Whether it can be one is seen by whoever asks, so this is a fault and no secret.
pub(crate) fn iccid(text: &str) -> Result<Iccid, Problem> {
    Iccid::parse(text).map_err(|error| {
        let fault = MemberError::new("{iccid}", "invalid-iccid", error.to_string());
        Problem::new(Kind::InvalidRequest, "The path names no ICCID.").with_errors(vec![fault])
    })
}

/// The id that a parameter of the query gives, if it does.
pub(crate) fn asked<T: TryFrom<i64> + ToString>(
    name: &str,
    value: Option<&str>,
) -> Result<Option<T>, MemberError> {
    let Some(value) = value else {
        return Ok(None);
    };
    number(value).map(Some).ok_or_else(|| {
        MemberError::new(
            format!("?{name}"),
            "invalid-id",
            "must be a positive whole number",
        )
    })
}

/// The account number that a parameter of the query gives, if it does.
pub(crate) fn asked_customer(
    name: &str,
    value: Option<&str>,
) -> Result<Option<RevCustomerId>, MemberError> {
    value
        .map(RevCustomerId::parse)
        .transpose()
        .map_err(|error| MemberError::new(format!("?{name}"), "invalid-id", error.to_string()))
}

/// `+7` and `007` would be second names of 7.
fn number<T: TryFrom<i64> + ToString>(text: &str) -> Option<T> {
    let number = text.parse().ok().filter(|number: &i64| *number > 0)?;
    T::try_from(number).ok().filter(|id| id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        assert_eq!(device("7").map(DeviceId::get).ok(), Some(7));
        for bad in [
            "",
            "0",
            "-7",
            "+7",
            "007",
            "7 ",
            " 7",
            "x",
            "2147483648",
            "7;--",
            "７",
        ] {
            assert!(device(bad).is_err(), "{bad}");
            assert!(customer(bad).is_err(), "{bad}");
            let fault = asked::<DeviceId>("deviceId", Some(bad));
            assert_eq!(fault.unwrap_err().pointer, "?deviceId", "{bad}");
            assert!(
                asked::<i32>("customerRatePlanId", Some(bad)).is_err(),
                "{bad}"
            );
        }
        assert_eq!(customer("1001").unwrap().as_str(), "1001");
        assert_eq!(asked::<DeviceId>("deviceId", None), Ok(None));
    }
}
