//! What a complete look-up says about a call whose outcome is unknown. No I/O, no clock.
//!
//! When a look-up counts (60 s after the call may have ended, two of them 30 s apart) is the caller's to keep. The risk that
//! is left stands in `docs/decisions/0020-settling-an-unknown-billing-call.md`.

use association::{
    ids::{RevCustomerId, ServiceLineId},
    service_line::{Reference, ServiceLine},
};
use time::{Duration, OffsetDateTime};

/// How far Rev's clock may be behind ours before a line made after the change looks as if it were older.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

/// What was found among the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Our line: adopt it.
    Ours(ServiceLineId),
    /// More than one line carries our reference: an alarm and a review. Sorted, at least two.
    SeveralOurs(Vec<ServiceLineId>),
    /// Another live line has the number: refused, `number-in-use`.
    Foreign,
    /// It may be ours and may be not: same number and customer without our reference, created after the change, or our
    /// reference on another number or customer. Review.
    Suspicious,
    /// Nothing of ours, and the number is free.
    Absent,
    /// What the system before this one opened for this very change: adopt it ([`settle_uncalled`]).
    OldSystems(ServiceLineId),
    /// Several such lines: a review. Sorted, at least two.
    SeveralOldSystems(Vec<ServiceLineId>),
    /// The customer is billed for the number already, by a line that is not this change's ([`settle_uncalled`]).
    Billed,
}

/// Compares exactly, on our side, whatever Rev took the search for.
///
/// `lines` are those of **all** pages of a look-up by `number`; a look-up that is not complete must not come here.
#[must_use]
pub fn settle(
    lines: &[ServiceLine],
    reference: &Reference,
    customer: &RevCustomerId,
    number: &str,
    change_created: OffsetDateTime,
) -> Found {
    let same_number = |line: &ServiceLine| line.number.trim() == number.trim();
    let same_customer = |line: &ServiceLine| line.customer == customer.as_str();
    let marked = |line: &ServiceLine| reference.ends(&line.description);

    let ours = lines
        .iter()
        .filter(|line| marked(line) && same_number(line) && same_customer(line));
    let ours = ids(ours);
    if let [one] = ours.as_slice() {
        return Found::Ours(*one);
    }
    if !ours.is_empty() {
        return Found::SeveralOurs(ours);
    }

    let suspicious = |line: &ServiceLine| {
        let after_the_change = line
            .created
            .is_none_or(|created| created >= change_created - CLOCK_TOLERANCE);
        marked(line) || (same_number(line) && same_customer(line) && after_the_change)
    };
    if lines.iter().any(suspicious) {
        Found::Suspicious
    } else if lines.iter().any(|line| same_number(line) && is_live(line)) {
        Found::Foreign
    } else {
        Found::Absent
    }
}

/// The same for a change of another producer for which no call of ours was ever made: a line without anybody's reference can
/// only be what the system before this one opened for it, if it was made after the change. A line with our reference that has
/// none of the numbers, or another customer, is for a person here as well.
///
/// `lines` are those of all pages of a look-up by each of `numbers`; that system billed under another number than ours does.
#[must_use]
pub fn settle_uncalled(
    lines: &[ServiceLine],
    reference: &Reference,
    customer: &RevCustomerId,
    numbers: &[String],
    change_created: OffsetDateTime,
) -> Found {
    let same_number = |line: &&ServiceLine| {
        numbers
            .iter()
            .any(|number| number.trim() == line.number.trim())
    };
    let same_customer = |line: &&ServiceLine| line.customer == customer.as_str();
    let marked = |line: &&ServiceLine| reference.ends(&line.description);
    if lines.iter().any(|line| marked(&line)) {
        let ours = lines
            .iter()
            .filter(marked)
            .filter(same_number)
            .filter(same_customer);
        return match ids(ours).as_slice() {
            [one] => Found::Ours(*one),
            [] => Found::Suspicious,
            several => Found::SeveralOurs(several.to_vec()),
        };
    }
    let of_the_change = |line: &&ServiceLine| {
        line.created
            .is_none_or(|created| created >= change_created - CLOCK_TOLERANCE)
            && !has_reference(&line.description)
    };
    let of_customer: Vec<&ServiceLine> = lines
        .iter()
        .filter(same_number)
        .filter(same_customer)
        .collect();
    let old_systems = of_customer.iter().copied();
    let old_systems = ids(old_systems
        .filter(|line| is_live(line))
        .filter(of_the_change));
    match old_systems.as_slice() {
        [one] => Found::OldSystems(*one),
        [] if of_customer.iter().any(|line| is_live(line)) => Found::Billed,
        [] if of_customer.iter().copied().any(|line| of_the_change(&line)) => Found::Suspicious,
        [] if lines.iter().filter(same_number).any(is_live) => Found::Foreign,
        [] => Found::Absent,
        _ => Found::SeveralOldSystems(old_systems),
    }
}

/// Sorted, and each once: a line may be shown on two pages, or by two numbers.
fn ids<'a>(lines: impl Iterator<Item = &'a ServiceLine>) -> Vec<ServiceLineId> {
    let mut ids: Vec<ServiceLineId> = lines.map(|line| line.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Whether a description ends with the reference of any change.
fn has_reference(description: &str) -> bool {
    description
        .split_whitespace()
        .next_back()
        .and_then(|last| last.strip_prefix("AMOP-"))
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a line still bills, or may begin to. A word that we do not know counts as live.
fn is_live(line: &ServiceLine) -> bool {
    !matches!(
        line.status.trim().to_ascii_uppercase().as_str(),
        "DISCONNECTED" | "DENIED" | "CANCELED" | "CANCELLED"
    )
}

#[cfg(test)]
mod tests {
    use association::ids::ChangeId;
    use time::macros::datetime;

    use super::*;

    const CHANGED: OffsetDateTime = datetime!(2026-01-02 10:00:00 UTC);

    fn line(id: i64, description: &str) -> ServiceLine {
        ServiceLine {
            id: ServiceLineId::new(id).unwrap(),
            number: "12".into(),
            customer: "1001".into(),
            description: description.into(),
            created: Some(CHANGED + Duration::minutes(1)),
            status: "ACTIVE".into(),
        }
    }

    fn old(line: ServiceLine) -> ServiceLine {
        ServiceLine {
            created: Some(CHANGED - Duration::hours(1)),
            ..line
        }
    }

    fn found(lines: &[ServiceLine]) -> Found {
        let reference = Reference::of(ChangeId::new(7).unwrap());
        let customer = RevCustomerId::parse("1001").unwrap();
        settle(lines, &reference, &customer, "12", CHANGED)
    }

    fn id(number: i64) -> ServiceLineId {
        ServiceLineId::new(number).unwrap()
    }

    #[test]
    fn a_line_with_our_reference_is_ours_whatever_else_is_there() {
        assert_eq!(found(&[line(5, "Fleet AMOP-7")]), Found::Ours(id(5)));
        assert_eq!(
            found(&[line(4, "x"), line(5, "AMOP-7"), line(6, "AMOP-77")]),
            Found::Ours(id(5))
        );
        let gone = ServiceLine {
            status: "DISCONNECTED".into(),
            ..old(line(5, "AMOP-7"))
        };
        assert_eq!(found(&[gone]), Found::Ours(id(5)));
    }

    #[test]
    fn a_line_shown_on_two_pages_is_one_line() {
        assert_eq!(
            found(&[line(5, "AMOP-7"), line(5, "AMOP-7")]),
            Found::Ours(id(5))
        );
    }

    #[test]
    fn two_lines_with_our_reference_are_told_of() {
        assert_eq!(
            found(&[line(6, "AMOP-7"), line(5, "AMOP-7")]),
            Found::SeveralOurs(vec![id(5), id(6)])
        );
    }

    #[test]
    fn our_reference_on_another_number_or_customer_is_for_a_human() {
        let number = ServiceLine {
            number: "123".into(),
            ..line(5, "AMOP-7")
        };
        let customer = ServiceLine {
            customer: "1002".into(),
            ..line(5, "AMOP-7")
        };
        for odd in [number, customer] {
            assert_eq!(found(&[odd]), Found::Suspicious);
        }
    }

    #[test]
    fn a_line_of_the_customer_made_after_the_change_may_be_ours() {
        assert_eq!(found(&[line(5, "")]), Found::Suspicious);
        let undated = ServiceLine {
            created: None,
            ..line(5, "")
        };
        assert_eq!(found(&[undated]), Found::Suspicious);
        let by_a_slow_clock = ServiceLine {
            created: Some(CHANGED - Duration::minutes(4)),
            ..line(5, "")
        };
        assert_eq!(found(&[by_a_slow_clock]), Found::Suspicious);
        let gone = ServiceLine {
            status: "DISCONNECTED".into(),
            ..line(5, "")
        };
        assert_eq!(found(&[gone]), Found::Suspicious);
    }

    #[test]
    fn another_live_line_has_the_number() {
        assert_eq!(found(&[old(line(5, ""))]), Found::Foreign);
        let other_customer = ServiceLine {
            customer: "1002".into(),
            ..line(5, "AMOP-8")
        };
        assert_eq!(found(&[other_customer]), Found::Foreign);
        let strange_word = ServiceLine {
            status: "PORTING".into(),
            ..old(line(5, ""))
        };
        assert_eq!(found(&[strange_word]), Found::Foreign);
    }

    #[test]
    fn a_line_that_ended_or_has_another_number_leaves_the_number_free() {
        assert_eq!(found(&[]), Found::Absent);
        let gone = ServiceLine {
            status: "Disconnected".into(),
            ..old(line(5, ""))
        };
        assert_eq!(found(&[gone]), Found::Absent);
        let longer = ServiceLine {
            number: "123".into(),
            ..line(5, "")
        };
        assert_eq!(found(&[longer]), Found::Absent);
    }

    fn uncalled(lines: &[ServiceLine]) -> Found {
        let reference = Reference::of(ChangeId::new(7).unwrap());
        let customer = RevCustomerId::parse("1001").unwrap();
        let numbers = ["12".to_owned(), "8900000000000000001".to_owned()];
        settle_uncalled(lines, &reference, &customer, &numbers, CHANGED)
    }

    fn by_iccid(line: ServiceLine) -> ServiceLine {
        ServiceLine {
            number: "8900000000000000001".into(),
            ..line
        }
    }

    fn gone(line: ServiceLine) -> ServiceLine {
        ServiceLine {
            status: "DISCONNECTED".into(),
            ..line
        }
    }

    #[test]
    fn a_line_that_the_old_system_opened_for_the_change_is_adopted_under_either_number() {
        assert_eq!(uncalled(&[line(5, "Fleet")]), Found::OldSystems(id(5)));
        assert_eq!(uncalled(&[by_iccid(line(5, ""))]), Found::OldSystems(id(5)));
        let undated = ServiceLine {
            created: None,
            ..line(5, "")
        };
        assert_eq!(uncalled(&[undated]), Found::OldSystems(id(5)));
        assert_eq!(
            uncalled(&[old(line(4, "")), line(5, "")]),
            Found::OldSystems(id(5))
        );
    }

    #[test]
    fn of_several_that_may_be_it_none_is_adopted() {
        assert_eq!(
            uncalled(&[line(6, ""), by_iccid(line(5, ""))]),
            Found::SeveralOldSystems(vec![id(5), id(6)])
        );
    }

    #[test]
    fn a_line_of_another_change_or_older_than_the_change_bills_the_customer_already() {
        assert_eq!(uncalled(&[line(5, "Fleet AMOP-8")]), Found::Billed);
        assert_eq!(uncalled(&[old(by_iccid(line(5, "")))]), Found::Billed);
        assert_eq!(uncalled(&[line(5, "not AMOP-x")]), Found::OldSystems(id(5)));
    }

    #[test]
    fn a_line_with_our_reference_is_ours_though_no_call_is_known() {
        assert_eq!(uncalled(&[line(5, "AMOP-7")]), Found::Ours(id(5)));
        assert_eq!(uncalled(&[by_iccid(line(5, "AMOP-7"))]), Found::Ours(id(5)));
    }

    #[test]
    fn our_reference_on_a_number_that_is_not_ours_is_for_a_human_though_no_call_is_known() {
        let other_number = ServiceLine {
            number: "123".into(),
            ..line(5, "AMOP-7")
        };
        let other_customer = ServiceLine {
            customer: "1002".into(),
            ..line(5, "AMOP-7")
        };
        for odd in [other_number, other_customer] {
            assert_eq!(uncalled(std::slice::from_ref(&odd)), Found::Suspicious);
            // Nor is another line taken for the old system's then, whichever comes first.
            assert_eq!(uncalled(&[odd.clone(), line(6, "")]), Found::Suspicious);
            assert_eq!(uncalled(&[line(6, ""), odd.clone()]), Found::Suspicious);
            assert_eq!(
                uncalled(&[odd, line(6, "AMOP-7")]),
                Found::Ours(id(6)),
                "as for a change whose call is known"
            );
        }
    }

    #[test]
    fn lines_with_our_reference_under_two_numbers_are_several() {
        assert_eq!(
            uncalled(&[by_iccid(line(6, "AMOP-7")), line(5, "AMOP-7")]),
            Found::SeveralOurs(vec![id(5), id(6)])
        );
        assert_eq!(
            uncalled(&[line(5, "AMOP-7"), line(5, "AMOP-7")]),
            Found::Ours(id(5))
        );
    }

    #[test]
    fn what_ended_since_the_change_is_for_a_human_and_what_ended_before_is_nothing() {
        assert_eq!(uncalled(&[gone(line(5, ""))]), Found::Suspicious);
        assert_eq!(uncalled(&[gone(old(line(5, "")))]), Found::Absent);
        let other = ServiceLine {
            customer: "1002".into(),
            ..line(5, "")
        };
        assert_eq!(uncalled(&[other]), Found::Foreign);
    }
}
