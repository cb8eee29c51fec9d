//! What a service line at Rev.io is opened with, fixed at submit and never changed afterwards.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::ids::{ChangeId, RevCustomerId, ServiceLineId};

/// Marks our line among others: the description of a line ends with it, so that a look-up can tell ours from another.
///
/// Made of the change's id, so that the same change always has the same reference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(String);

impl Reference {
    /// The reference of a change.
    #[must_use]
    pub fn of(change: ChangeId) -> Self {
        Self(format!("AMOP-{change}"))
    }

    /// Reads one back from the database, as it was stored.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// As it stands at the end of the description and in `Idempotency-Key`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a line's description ends with exactly this reference.
    #[must_use]
    pub fn ends(&self, description: &str) -> bool {
        let description = description.trim_end();
        description
            .strip_suffix(&self.0)
            .is_some_and(|before| before.is_empty() || before.ends_with(' '))
    }

    /// The user's text, shortened to make room, with the reference behind it; at most 1,000 characters (Rev.io, service description).
    #[must_use]
    pub fn describe(&self, text: Option<&str>) -> String {
        const LIMIT: usize = 1000;
        let text = text.unwrap_or_default().trim();
        if text.is_empty() {
            return self.0.clone();
        }
        let room = LIMIT - self.0.chars().count() - 1;
        let kept: String = text.chars().take(room).collect();
        format!("{} {}", kept.trim_end(), self.0)
    }
}

/// What is billed: one package, or products with a rate each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Billed {
    /// A Rev package.
    Package(i32),
    /// Products; never empty.
    Products(Vec<Product>),
}

/// A Rev product and what one costs a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Rev's product id, 1 to 2,147,483,647.
    pub product_id: i32,
    /// Monthly rate in the customer's currency; at most four digits after the point.
    pub rate: Decimal,
}

/// Everything that one service line is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLineOrder {
    /// The customer who is billed.
    pub customer: RevCustomerId,
    /// MSISDN, else ICCID.
    pub number: String,
    /// ICCID.
    pub number2: String,
    /// Rev's service type.
    pub service_type_id: i32,
    /// Rev's provider; Rev.io refuses a line without.
    pub provider_id: i32,
    /// Package or products.
    pub billed: Billed,
    /// Rev's usage plan group, if any.
    pub usage_plan_group_id: Option<i32>,
    /// The day billing begins; sent only when prorating.
    pub effective_date: Option<Date>,
    /// The day the service counts as active.
    pub activated_date: Date,
    /// Whether each product is billed in part for the first month.
    pub prorate: bool,
    /// Ends with the reference ([`Reference::describe`]).
    pub description: String,
    /// Ours.
    pub reference: Reference,
}

/// A line as Rev.io shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLine {
    /// Rev's id.
    pub id: ServiceLineId,
    /// The number it is for.
    pub number: String,
    /// Whose it is (Rev's customer id as text).
    pub customer: String,
    /// Ends with a reference when it is one of ours.
    pub description: String,
    /// When Rev says it was created, RFC 3339, if it says so.
    pub created: Option<time::OffsetDateTime>,
    /// Rev's word, for example `ACTIVE`.
    pub status: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Reference {
        Reference::of(ChangeId::new(7).unwrap())
    }

    #[test]
    fn a_description_ends_with_the_reference_and_keeps_to_rev_s_length() {
        assert_eq!(reference().describe(None), "AMOP-7");
        assert_eq!(reference().describe(Some(" Fleet A ")), "Fleet A AMOP-7");
        let long = reference().describe(Some(&"é".repeat(2000)));
        assert_eq!(long.chars().count(), 1000);
        assert!(reference().ends(&long));
    }

    #[test]
    fn the_reference_of_another_change_is_never_taken_for_ours() {
        assert!(reference().ends("x AMOP-7 "));
        for other in ["AMOP-77", "AMOP-7 x", "xAMOP-7", "AMOP-17", ""] {
            assert!(!reference().ends(other), "{other}");
        }
    }

    #[test]
    fn a_reference_is_that_of_its_change_and_reads_back_as_it_was_stored() {
        assert_eq!(reference().as_str(), "AMOP-7");
        assert_eq!(Reference::stored("AMOP-7".to_owned()), reference());
    }
}
