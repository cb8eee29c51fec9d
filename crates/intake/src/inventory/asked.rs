//! Which devices a URL asks for.

use std::collections::HashSet;

use association::{
    ids::{RevCustomerId, ServiceProviderId},
    parse::MemberError,
};
use central::{inventory::Wanted, listing::Filter};

use crate::{
    ids, listing,
    query::{self, Query},
};

/// Identifiers of one request at most: a URL holds about that many.
pub const MOST_IDENTIFIERS: usize = 300;
/// As long as the longest column that holds one (`Device.MSISDN`).
const LONGEST_IDENTIFIER: usize = 150;
/// As long as the longest column that is compared with one.
pub const LONGEST_TEXT: usize = 255;

/// What the page knows beside the names of every list.
pub(super) const LIST_NAMES: [&str; 9] = [
    "serviceProviderId",
    "status",
    "revCustomerId",
    "assigned",
    "carrierRatePlan",
    "customerRatePlanId",
    "archived",
    "identifiers",
    "facets",
];

/// What the export knows.
pub(super) const EXPORT_NAMES: [&str; 12] = [
    "sort",
    "sortDir",
    "filter",
    "format",
    "serviceProviderId",
    "status",
    "revCustomerId",
    "assigned",
    "carrierRatePlan",
    "customerRatePlanId",
    "archived",
    "identifiers",
];

/// The filters that page and export share.
pub(super) fn wanted(query: &mut Query, filter: Option<Filter>) -> Wanted {
    Wanted {
        filter,
        service_provider: query.take("serviceProviderId", |text| {
            ids::asked::<ServiceProviderId>("serviceProviderId", text)
        }),
        status: query.take("status", |text| short_text("status", text)),
        customer: query
            .take("revCustomerId", |text| {
                ids::asked_customer("revCustomerId", text)
            })
            .as_ref()
            .map(RevCustomerId::as_str)
            .map(str::to_owned),
        assigned: query.take("assigned", |text| match text {
            None => Ok(None),
            given => query::flag("assigned", given).map(Some),
        }),
        carrier_rate_plan: query.take("carrierRatePlan", |text| {
            short_text("carrierRatePlan", text)
        }),
        customer_rate_plan: query.take("customerRatePlanId", |text| {
            ids::asked::<i32>("customerRatePlanId", text)
        }),
        archived: query.take("archived", |text| query::flag("archived", text)),
        identifiers: query.take("identifiers", identifiers),
    }
}

/// The order of an export.
pub(super) fn sort(query: &mut Query) -> central::listing::Sort<central::inventory::SortBy> {
    listing::sort(query, super::DEFAULT)
}

fn short_text(name: &str, text: Option<&str>) -> Result<Option<String>, MemberError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let fault = |message: String| {
        Err(MemberError::new(
            format!("?{name}"),
            "invalid-text",
            message,
        ))
    };
    if text.trim().is_empty() {
        return fault("must not be empty".to_owned());
    }
    if text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return fault(format!(
            "must have at most {LONGEST_TEXT} characters and no control characters"
        ));
    }
    Ok(Some(text.to_owned()))
}

/// ICCIDs or MSISDNs as somebody pastes them: with commas, semicolons, blanks or line ends between them, each counted once.
fn identifiers(text: Option<&str>) -> Result<Option<Vec<String>>, MemberError> {
    let mut seen = HashSet::new();
    let identifiers: Vec<String> = text
        .unwrap_or_default()
        .split(|letter: char| matches!(letter, ',' | ';') || letter.is_whitespace())
        .filter(|identifier| !identifier.is_empty() && seen.insert(identifier.to_lowercase()))
        .map(str::to_owned)
        .collect();
    let fault =
        |code: &'static str, message: String| Err(MemberError::new("?identifiers", code, message));
    if identifiers.len() > MOST_IDENTIFIERS {
        return fault(
            "too-many",
            format!(
                "holds {} identifiers, and {MOST_IDENTIFIERS} are the most: give more of them to POST /M2M/AssociateCustomer?validateOnly=true, which takes 10,000",
                identifiers.len()
            ),
        );
    }
    if identifiers.iter().any(|identifier| {
        identifier.chars().count() > LONGEST_IDENTIFIER || identifier.chars().any(char::is_control)
    }) {
        return fault(
            "invalid-identifier",
            format!(
                "holds one with more than {LONGEST_IDENTIFIER} characters or with control characters"
            ),
        );
    }
    Ok((!identifiers.is_empty()).then_some(identifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_is_read_whatever_stands_between() {
        let read = |text| identifiers(Some(text)).unwrap();
        assert_eq!(
            read(" 8901\r\n8902,8903;8901\t8904 , ").unwrap(),
            ["8901", "8902", "8903", "8904"]
        );
        assert_eq!(read(" ,\n"), None);
        assert_eq!(identifiers(None), Ok(None));
    }

    #[test]
    fn a_list_that_is_too_long_says_where_it_can_go() {
        let list = |count: usize| {
            let all: Vec<String> = (0..count).map(|n| format!("89{n}")).collect();
            identifiers(Some(&all.join(",")))
        };
        assert_eq!(list(300).unwrap().unwrap().len(), 300);
        let error = list(301).unwrap_err();
        assert_eq!(
            (error.pointer.as_str(), error.code),
            ("?identifiers", "too-many")
        );
        assert!(error.detail.contains("301 identifiers"), "{}", error.detail);
        assert!(
            error
                .detail
                .contains("POST /M2M/AssociateCustomer?validateOnly=true")
        );
    }
}
