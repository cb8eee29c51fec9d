//! Points in time as people and programs read them.

use std::fmt;

use serde::{Serialize, Serializer};
use time::{PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{CentralError, decode::Fields};

const FOR_PEOPLE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
const FOR_PROGRAMS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A moment in UTC, from the database's clock. Shown to the second; in JSON as RFC 3339 with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub PrimitiveDateTime);

impl Moment {
    /// A column that is never NULL.
    pub(crate) fn get(row: &Fields<'_>, column: &'static str) -> Result<Self, CentralError> {
        row.get(column).map(Self)
    }

    /// A column that can be NULL.
    pub(crate) fn optional(
        row: &Fields<'_>,
        column: &'static str,
    ) -> Result<Option<Self>, CentralError> {
        Ok(row.optional(column)?.map(Self))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.format(FOR_PEOPLE).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self
            .0
            .format(FOR_PROGRAMS)
            .map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_moment_reads_the_same_for_people_and_programs() {
        let moment = Moment(datetime!(2026-11-23 09:40:12.345));
        assert_eq!(moment.to_string(), "2026-11-23 09:40:12Z");
        assert_eq!(
            serde_json::to_value(moment).unwrap(),
            "2026-11-23T09:40:12.345Z"
        );
    }
}
