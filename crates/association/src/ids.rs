//! The identifiers of the domain: one type each, one way in.
//!
//! A value of these types was checked when it was made, so nothing behind it checks again.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::limits::{LONGEST_ICCID, SHORTEST_ICCID};

/// Why a text or number is not the identifier it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// An ICCID has 18 to 22 characters, all of them digits.
    #[error("an ICCID has 18 to 22 digits")]
    Iccid,
    /// A Rev customer number is a positive whole number without leading zeros, at most 2,147,483,647.
    #[error("a Rev customer number is a positive whole number up to 2147483647")]
    RevCustomerId,
    /// Every numeric id is positive.
    #[error("an id is a positive whole number")]
    Number,
}

/// The number printed on a SIM: digits, 18 to 22 of them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Iccid(String);

impl Iccid {
    /// Reads an ICCID; blanks around it do not count.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim();
        if (SHORTEST_ICCID..=LONGEST_ICCID).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit())
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId::Iccid)
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows the last four digits only: a full ICCID never reaches a log line.
impl fmt::Debug for Iccid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iccid(…{})", &self.0[self.0.len() - 4..])
    }
}

impl<'de> Deserialize<'de> for Iccid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The account number of a Rev customer: `RevCustomer.RevCustomerId`, text in the database, a positive integer at Rev.io.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RevCustomerId(String);

impl RevCustomerId {
    /// Reads an account number; blanks around it do not count, leading zeros are refused because the database compares text.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim();
        let number: i32 = text.parse().map_err(|_| InvalidId::RevCustomerId)?;
        if number > 0 && number.to_string() == text {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId::RevCustomerId)
        }
    }

    /// As the database keeps it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As Rev.io wants it.
    #[must_use]
    pub fn as_number(&self) -> i64 {
        self.0.parse().unwrap_or_default()
    }
}

impl fmt::Display for RevCustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RevCustomerId {
    type Err = InvalidId;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

impl<'de> Deserialize<'de> for RevCustomerId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

macro_rules! numeric_id {
    ($(#[$meta:meta])* $name:ident($inner:ty)) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub struct $name($inner);

        impl $name {
            /// Takes a positive number.
            pub fn new(number: $inner) -> Result<Self, InvalidId> {
                if number > 0 { Ok(Self(number)) } else { Err(InvalidId::Number) }
            }

            /// The number.
            #[must_use]
            pub fn get(self) -> $inner {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = InvalidId;
            fn try_from(number: i64) -> Result<Self, InvalidId> {
                <$inner>::try_from(number).map_err(|_| InvalidId::Number).and_then(Self::new)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> i64 {
                i64::from(id.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

numeric_id!(
    /// `Tenant.id`.
    TenantId(i32)
);
numeric_id!(
    /// `DeviceBulkChange.Id`.
    BulkChangeId(i64)
);
numeric_id!(
    /// `M2M_DeviceChange.Id`: one device of a bulk change.
    ChangeId(i64)
);
numeric_id!(
    /// `Device.id`.
    DeviceId(i32)
);
numeric_id!(
    /// `ServiceProvider.id`: the carrier account a device belongs to.
    ServiceProviderId(i32)
);
numeric_id!(
    /// `Sites.id`.
    SiteId(i32)
);
numeric_id!(
    /// `Integration_Authentication.id`: a Rev account's credentials. One call budget each.
    IntegrationAuthenticationId(i32)
);
numeric_id!(
    /// A service line's id at Rev.io (`RevService.RevServiceId`).
    ServiceLineId(i64)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iccid_is_18_to_22_digits_after_trimming() {
        assert_eq!(
            Iccid::parse("  8900000000000000001 ").unwrap().as_str(),
            "8900000000000000001"
        );
        for bad in [
            "",
            "12345678901234567",
            "12345678901234567890123",
            "89000000000000000O1",
            "８９０００００００００００００００００１",
        ] {
            assert!(Iccid::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_iccid_is_never_shown_whole_in_debug() {
        assert_eq!(
            format!("{:?}", Iccid::parse("8900000000000000001").unwrap()),
            "Iccid(…0001)"
        );
    }

    #[test]
    fn a_rev_customer_number_is_a_positive_integer_as_rev_io_wants_it() {
        assert_eq!(RevCustomerId::parse(" 1001 ").unwrap().as_number(), 1001);
        for bad in ["", "0", "-1", "007", "12a", "2147483648", "1.0"] {
            assert!(RevCustomerId::parse(bad).is_err(), "{bad}");
        }
    }
}
