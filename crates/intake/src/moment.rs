//! Moments of the database as answers write them.

use time::PrimitiveDateTime;

use crate::estimate;

/// The database keeps UTC: RFC 3339 with `Z`.
pub(crate) fn written(moment: PrimitiveDateTime) -> String {
    estimate::written(moment.assume_utc())
}
