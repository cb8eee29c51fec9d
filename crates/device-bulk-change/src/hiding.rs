//! How long a message that failed is hidden before it is delivered again. After 20 deliveries (`maxReceiveCount` of the template)
//! it is a dead letter.

use std::time::Duration;

use crate::work_error::WorkError;

/// A message that stays as it is comes back so soon, and is a dead letter within minutes.
const SHORTLY: Duration = Duration::from_secs(10);
/// After the first delivery, where it may go better next time; twice as long after each.
const FIRST: Duration = Duration::from_secs(20);
/// No longer than this: work goes on so soon after what stood in the way is over.
const LONGEST: Duration = Duration::from_mins(15);

/// What is to be expected of another delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It may go better: the database is away, a right is missing, the bulk change is not written yet.
    MayPass,
    /// It goes the same way until a person has done something, whom a dead letter tells; and sends back.
    Stays,
}

impl Outlook {
    /// What a failure says of the next delivery.
    pub(crate) fn of(error: &WorkError) -> Self {
        match error {
            WorkError::Unreadable(_) | WorkError::NotRecordedHere(_) | WorkError::NotForUs(_) => {
                Self::Stays
            }
            WorkError::NoSuchBulkChange(_)
            | WorkError::TakenMeanwhile(_)
            | WorkError::Central(_)
            | WorkError::Queue(_) => Self::MayPass,
        }
    }

    /// How long a message is hidden that has failed, and has been delivered so often (from 1).
    pub(crate) fn hidden(self, deliveries: u32) -> Duration {
        match self {
            Self::Stays => SHORTLY,
            Self::MayPass => {
                let doubled = 2_u32.saturating_pow(deliveries.saturating_sub(1));
                FIRST.saturating_mul(doubled).min(LONGEST)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use association::ids::BulkChangeId;
    use central::CentralError;

    use super::*;

    /// `maxReceiveCount` of the template.
    const MOST: u32 = 20;

    fn until_a_dead_letter(outlook: Outlook) -> Duration {
        (1..=MOST).map(|delivery| outlook.hidden(delivery)).sum()
    }

    #[test]
    fn what_may_pass_is_hidden_twice_as_long_each_time_up_to_15_minutes() {
        let seconds: Vec<u64> = (1..=8)
            .map(|delivery| Outlook::MayPass.hidden(delivery).as_secs())
            .collect();
        assert_eq!(seconds, [20, 40, 80, 160, 320, 640, 900, 900]);
        // The count is approximate, and comes from outside.
        assert_eq!(Outlook::MayPass.hidden(0), FIRST);
        assert_eq!(Outlook::MayPass.hidden(u32::MAX), LONGEST);
    }

    #[test]
    fn an_hour_without_a_database_makes_no_dead_letter_and_poison_is_one_within_minutes() {
        let hour = Duration::from_hours(1);
        let given_up = until_a_dead_letter(Outlook::MayPass);
        assert!((3 * hour..=4 * hour).contains(&given_up), "{given_up:?}");
        let poison = until_a_dead_letter(Outlook::Stays);
        assert!(poison <= Duration::from_mins(5), "{poison:?}");
    }

    #[test]
    fn only_what_a_person_has_to_mend_stays() {
        let id = BulkChangeId::new(17).unwrap();
        let away = CentralError::Unreachable {
            statement: "claim",
            source: None,
        };
        let no_right = CentralError::Server {
            statement: "claim",
            number: 229,
            message: String::new(),
        };
        for (error, outlook) in [
            (WorkError::from(away), Outlook::MayPass),
            (WorkError::from(no_right), Outlook::MayPass),
            (
                WorkError::from(queue::QueueError::Unanswered),
                Outlook::MayPass,
            ),
            (WorkError::NoSuchBulkChange(id), Outlook::MayPass),
            (WorkError::TakenMeanwhile(id), Outlook::MayPass),
            (
                WorkError::from(queue::Unreadable::NoBulkChange),
                Outlook::Stays,
            ),
            (WorkError::NotRecordedHere(id), Outlook::Stays),
            (WorkError::NotForUs(id), Outlook::Stays),
        ] {
            assert_eq!(Outlook::of(&error), outlook, "{error}");
        }
    }
}
