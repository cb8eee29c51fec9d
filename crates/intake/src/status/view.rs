//! The status answer as JSON: what the database knows, in the words of the success indicators: seven of each device.

use association::{
    ids::{BulkChangeId, DeviceId, ServiceLineId},
    plan::Reason,
};
use central::{
    account::WaitingCalls,
    budget::BudgetLimits,
    status::{BulkChangeStatus, ChangeType, ItemStatus, Outcome, Page},
};
use serde::Serialize;
use time::PrimitiveDateTime;
use utoipa::ToSchema;

use crate::{
    entity_tag::EntityTag,
    estimate::{self, Estimate, WaitsFor, Work},
};

/// One page of a bulk change.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = BulkChangeStatus)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    id: i64,
    change_type: &'static str,
    status: String,
    customer: Option<Customer>,
    #[schema(format = DateTime)]
    created_at: String,
    created_by: String,
    counts: Counts,
    /// Devices that reached a final state, of 100, rounded down: 100 means all.
    percent: i64,
    /// When the last device will be done; none when none is open, or when nobody can tell.
    #[schema(format = DateTime)]
    estimated_finish: Option<String>,
    /// What the billing calls wait for, other than their turn.
    waits_for: Option<WaitsFor>,
    /// The carrier rate plan change that followed.
    linked: Option<Linked>,
    /// The bulk change that this one followed.
    linked_from: Option<i64>,
    items: Vec<Item>,
    page: u32,
    page_size: u32,
    /// Which devices are on the pages; all when null.
    outcome: Option<&'static str>,
    /// Items on all pages.
    total: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = BulkChangeCustomer)]
#[serde(rename_all = "camelCase")]
struct Customer {
    account_number: String,
    name: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LinkedBulkChange)]
struct Linked {
    id: i64,
    status: String,
}

/// Devices by where they stand. `waiting`, `in_work`, `processed` and `failed` make up `total`; `in_review` is part of `failed`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = BulkChangeCounts)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub(crate) total: i64,
    pub(crate) waiting: i64,
    pub(crate) in_work: i64,
    pub(crate) processed: i64,
    pub(crate) failed: i64,
    pub(crate) in_review: i64,
}

/// One device.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = BulkChangeItem)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Null while no device was found.
    device_id: Option<i32>,
    iccid: String,
    msisdn: Option<String>,
    status: String,
    indicators: Indicators,
    reason: Option<Explanation>,
    service_line_id: Option<i64>,
    in_review: bool,
    #[schema(format = DateTime)]
    processed_at: Option<String>,
}

/// The success indicators of the flow; null where nothing was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SuccessIndicators)]
#[serde(rename_all = "camelCase")]
pub struct Indicators {
    found_and_validated: bool,
    permission_confirmed: bool,
    service_created: Option<bool>,
    ownership_transferred: Option<bool>,
    rate_plan_assigned: Option<bool>,
    history_recorded: Option<bool>,
    processing_completed: bool,
}

/// Why a device failed. The code is null when another system wrote the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FailureReason)]
struct Explanation {
    code: Option<&'static str>,
    text: String,
}

impl StatusView {
    /// Puts an answer together; `limits` is the budget of an account that none was recorded for yet.
    pub(super) fn of(status: BulkChangeStatus, page: Page, limits: BudgetLimits) -> Self {
        let ended = status.processed + status.failed;
        let estimate = estimated(&status, limits);
        let carrier = status.change_type == ChangeType::CarrierRatePlanChange;
        Self {
            id: status.id.get(),
            change_type: status.change_type.name(),
            total: status.count(page.outcome),
            customer: status.customer_account.map(|account_number| Customer {
                account_number,
                name: status.customer_name,
            }),
            created_at: utc(status.created_at),
            created_by: status.created_by,
            counts: Counts {
                total: status.total,
                waiting: status.waiting,
                in_work: status.in_work,
                processed: status.processed,
                failed: status.failed,
                in_review: status.in_review,
            },
            percent: (ended * 100).checked_div(status.total).unwrap_or(100),
            estimated_finish: estimate.written(),
            waits_for: estimate.waits_for,
            linked: status.linked.map(|(id, status)| Linked {
                id: id.get(),
                status,
            }),
            linked_from: status.linked_from.map(BulkChangeId::get),
            items: status
                .items
                .into_iter()
                .map(|item| Item::of(item, carrier))
                .collect(),
            page: page.page,
            page_size: page.size,
            outcome: page.outcome.map(Outcome::name),
            status: status.status,
        }
    }

    /// The tag of everything in it but the estimate, which moves with the clock.
    pub(super) fn entity_tag(&self) -> EntityTag {
        EntityTag::of(&Self {
            estimated_finish: None,
            ..self.clone()
        })
    }
}

/// Only what this system works on has an end that can be told.
fn estimated(status: &BulkChangeStatus, limits: BudgetLimits) -> Estimate {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let open = count(status.total - status.processed - status.failed);
    if !status.worked_on || open == 0 {
        return Estimate::default();
    }
    let (own, others): (Vec<&WaitingCalls>, Vec<_>) = status
        .account
        .waiting
        .iter()
        .partition(|waiting| waiting.bulk_change == status.id);
    let work = Work {
        tenant: own.first().map(|own| own.tenant),
        calls: own.iter().map(|own| count(own.calls)).sum(),
        devices: open,
        settling: own.iter().any(|own| own.settling),
    };
    estimate::estimate(&status.account, work, others, limits)
}

impl Item {
    /// `carrier`: of a carrier rate plan change, which opens no line and gives the device to nobody.
    fn of(item: ItemStatus, carrier: bool) -> Self {
        let failed = matches!(item.status.as_str(), "ERROR" | "API_FAILED");
        let permission = item.permission || carrier;
        Self {
            indicators: Indicators {
                found_and_validated: item.found && permission,
                permission_confirmed: permission,
                service_created: item.service_asked.then_some(item.service_created),
                ownership_transferred: (!carrier).then_some(item.ownership),
                rate_plan_assigned: if carrier {
                    Some(item.completed)
                } else {
                    item.plan_asked.then_some(item.plan_assigned)
                },
                history_recorded: (!carrier).then_some(item.history_recorded),
                processing_completed: item.completed,
            },
            reason: item.details.as_deref().filter(|_| failed).map(|details| {
                let (reason, words) = Reason::read_details(details);
                Explanation {
                    code: reason.map(Reason::code),
                    text: words.to_owned(),
                }
            }),
            service_line_id: item.service_line.map(ServiceLineId::get),
            in_review: item.review,
            processed_at: item.processed_at.map(utc),
            device_id: item.device.map(DeviceId::get),
            iccid: item.iccid,
            msisdn: item.msisdn,
            status: item.status,
        }
    }
}

/// The database keeps UTC.
fn utc(moment: PrimitiveDateTime) -> String {
    estimate::written(moment.assume_utc())
}

#[cfg(test)]
mod tests {
    use association::ids::{ChangeId, TenantId};
    use central::account::{Account, AccountBudget};
    use time::macros::datetime;

    use super::*;

    const PAGE: Page = Page {
        page: 1,
        size: 25,
        outcome: None,
    };
    const LIMITS: BudgetLimits = BudgetLimits {
        calls_per_minute: 475,
        calls_per_day: 150_000,
        burst: 10,
        reserve_per_minute: 0,
    };

    fn item() -> ItemStatus {
        ItemStatus {
            change: ChangeId::new(5).unwrap(),
            device: DeviceId::new(9).ok(),
            iccid: "8900000000000000001".to_owned(),
            msisdn: None,
            status: "PROCESSED".to_owned(),
            details: Some("OK".to_owned()),
            processed_at: Some(datetime!(2026-03-01 12:00:01)),
            service_line: Some(ServiceLineId::new(70).unwrap()),
            found: true,
            permission: true,
            service_asked: true,
            service_created: true,
            ownership: true,
            plan_asked: false,
            plan_assigned: false,
            history_recorded: true,
            completed: true,
            review: false,
        }
    }

    fn status(total: i64, processed: i64, failed: i64) -> BulkChangeStatus {
        let id = BulkChangeId::new(7).unwrap();
        BulkChangeStatus {
            id,
            change_type: ChangeType::CustomerAssignment,
            status: "PROCESSING".to_owned(),
            created_at: datetime!(2026-03-01 12:00:00),
            created_by: "someone".to_owned(),
            customer_account: Some("1001".to_owned()),
            customer_name: Some("Example Fleet".to_owned()),
            total,
            waiting: total - processed - failed,
            in_work: 0,
            processed,
            failed,
            in_review: 0,
            worked_on: true,
            finished: false,
            linked: None,
            linked_from: None,
            items: vec![item()],
            account: Account {
                budget: Some(AccountBudget {
                    calls_per_minute: 475,
                    calls_per_day: 150_000,
                    calls_today: 0,
                    reduced: None,
                    paused_until: None,
                }),
                waiting: vec![WaitingCalls {
                    bulk_change: id,
                    tenant: TenantId::new(1).unwrap(),
                    calls: 475,
                    settling: false,
                }],
                ..Account::unknown(datetime!(2026-03-01 12:00:00))
            },
        }
    }

    fn view(status: BulkChangeStatus) -> StatusView {
        StatusView::of(status, PAGE, LIMITS)
    }

    #[test]
    fn percent_is_100_only_when_every_device_ended() {
        for (total, processed, failed, percent) in [
            (3, 0, 0, 0),
            (3, 1, 1, 66),
            (1000, 999, 0, 99),
            (3, 2, 1, 100),
            (0, 0, 0, 100),
        ] {
            let view = view(status(total, processed, failed));
            assert_eq!(view.percent, percent);
            assert_eq!(view.estimated_finish.is_none(), percent == 100);
        }
    }

    #[test]
    fn an_answer_reads_as_documented() {
        insta::assert_json_snapshot!(view(status(3, 1, 1)));
    }

    #[test]
    fn total_follows_the_filter_and_the_counts_do_not() {
        let failed = Page {
            outcome: Some(Outcome::Failed),
            ..PAGE
        };
        let view = StatusView::of(status(9, 3, 4), failed, LIMITS);
        assert_eq!((view.total, view.counts.total), (4, 9));
        assert_eq!(view.outcome, Some("failed"));
    }

    #[test]
    fn the_tag_moves_with_what_happened_and_not_with_the_clock() {
        let first = status(3, 1, 1);
        let tag = view(first.clone()).entity_tag();
        let mut later = first.clone();
        later.account.now = datetime!(2026-03-01 12:00:30);
        let later = view(later);
        assert_ne!(later.estimated_finish, view(first.clone()).estimated_finish);
        assert_eq!(later.entity_tag(), tag);
        let mut stopped = first.clone();
        stopped.account.stopped = true;
        let other_page = Page { page: 2, ..PAGE };
        for (case, other) in [
            ("a device ended", view(status(3, 2, 1))),
            ("the account stopped", view(stopped)),
            ("another page", StatusView::of(first, other_page, LIMITS)),
        ] {
            assert_ne!(other.entity_tag(), tag, "{case}");
        }
    }

    #[test]
    fn a_carrier_rate_plan_change_has_marks_for_what_it_does_and_no_estimate() {
        let linked = view(BulkChangeStatus {
            change_type: ChangeType::CarrierRatePlanChange,
            worked_on: false,
            linked_from: BulkChangeId::new(6).ok(),
            items: vec![ItemStatus {
                permission: false,
                service_asked: false,
                history_recorded: false,
                ownership: false,
                completed: false,
                ..item()
            }],
            ..status(1, 0, 0)
        });
        assert_eq!(
            (linked.estimated_finish, linked.linked_from),
            (None, Some(6))
        );
        assert_eq!(
            linked.items[0].indicators,
            Indicators {
                found_and_validated: true,
                permission_confirmed: true,
                service_created: None,
                ownership_transferred: None,
                rate_plan_assigned: Some(false),
                history_recorded: None,
                processing_completed: false,
            }
        );
    }

    #[test]
    fn a_reason_is_told_for_what_failed_and_only_for_that() {
        assert_eq!(Item::of(item(), false).reason, None);
        let failed = |details: &str| {
            let item = ItemStatus {
                status: "ERROR".to_owned(),
                details: Some(details.to_owned()),
                ..item()
            };
            Item::of(item, false).reason
        };
        assert_eq!(
            failed("device-archived: the device is archived"),
            Some(Explanation {
                code: Some("device-archived"),
                text: "the device is archived".to_owned()
            })
        );
        assert_eq!(
            failed("AMOP Device not found"),
            Some(Explanation {
                code: None,
                text: "AMOP Device not found".to_owned()
            })
        );
    }

    #[test]
    fn an_indicator_is_null_where_nothing_was_asked_for() {
        let plain = ItemStatus {
            service_asked: false,
            ..item()
        };
        assert_eq!(Item::of(plain, false).indicators.service_created, None);
        let asked = ItemStatus {
            plan_asked: true,
            ..item()
        };
        let asked = Item::of(asked, false).indicators;
        assert_eq!(asked.rate_plan_assigned, Some(false));
    }
}
