//! The status answer as JSON: what the database knows, in the words of the flow (step 6, success indicators).

use association::{ids::ServiceLineId, plan::Reason};
use central::status::{BulkChangeStatus, ItemStatus, Page};
use serde::Serialize;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::estimate;

/// One page of a bulk change.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    id: i64,
    status: String,
    customer: Option<Customer>,
    created_at: String,
    created_by: String,
    counts: Counts,
    /// Devices that reached a final state, of 100, rounded down: 100 means all.
    percent: i64,
    /// When the last device will be done; none when none is open.
    estimated_finish: Option<String>,
    /// The carrier rate plan change that followed.
    linked: Option<Linked>,
    items: Vec<Item>,
    page: u32,
    page_size: u32,
    /// Items on all pages.
    total: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Customer {
    account_number: String,
    name: Option<String>,
}

#[derive(Debug, Serialize)]
struct Linked {
    id: i64,
    status: String,
}

/// Devices by where they stand. `waiting`, `in_work`, `processed` and `failed` make up `total`; `in_review` is part of `failed`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    total: i64,
    waiting: i64,
    in_work: i64,
    processed: i64,
    failed: i64,
    in_review: i64,
}

/// One device.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    iccid: String,
    msisdn: Option<String>,
    status: String,
    indicators: Indicators,
    reason: Option<Explanation>,
    service_line_id: Option<i64>,
    in_review: bool,
    processed_at: Option<String>,
}

/// The success indicators of the flow; null where nothing was asked for.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Indicators {
    found_and_validated: bool,
    permission_confirmed: bool,
    service_created: Option<bool>,
    ownership_transferred: bool,
    rate_plan_assigned: Option<bool>,
    history_recorded: bool,
    processing_completed: bool,
}

/// Why a device failed. The code is null when another system wrote the text.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Explanation {
    code: Option<&'static str>,
    text: String,
}

impl StatusView {
    /// Puts an answer together; `per_minute` is the budget of an account that none was recorded for yet.
    pub(super) fn of(
        status: BulkChangeStatus,
        page: Page,
        per_minute: u32,
        now: OffsetDateTime,
    ) -> Self {
        let ended = status.processed + status.failed;
        let open = status.total - ended;
        let estimated_finish = (open > 0).then(|| {
            let per_minute = status
                .calls_per_minute
                .and_then(|calls| u32::try_from(calls).ok())
                .unwrap_or(per_minute);
            let count = |number: i64| u64::try_from(number).unwrap_or_default();
            let takes = estimate::takes(count(status.calls_waiting), count(open), per_minute);
            estimate::written(estimate::done_at(now, takes))
        });
        Self {
            id: status.id.get(),
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
            estimated_finish,
            linked: status.linked.map(|(id, status)| Linked {
                id: id.get(),
                status,
            }),
            items: status.items.into_iter().map(Item::of).collect(),
            page: page.page,
            page_size: page.size,
            total: status.total,
            status: status.status,
        }
    }
}

impl Item {
    fn of(item: ItemStatus) -> Self {
        let failed = matches!(item.status.as_str(), "ERROR" | "API_FAILED");
        Self {
            indicators: Indicators {
                found_and_validated: item.found && item.permission,
                permission_confirmed: item.permission,
                service_created: item.service_asked.then_some(item.service_created),
                ownership_transferred: item.ownership,
                rate_plan_assigned: item.plan_asked.then_some(item.plan_assigned),
                history_recorded: item.history_recorded,
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
    use association::ids::{BulkChangeId, ChangeId};
    use time::macros::datetime;

    use super::*;

    fn item() -> ItemStatus {
        ItemStatus {
            change: ChangeId::new(5).unwrap(),
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
        BulkChangeStatus {
            id: BulkChangeId::new(7).unwrap(),
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
            linked: None,
            items: vec![item()],
            calls_waiting: 475,
            calls_per_minute: Some(475),
        }
    }

    fn view(status: BulkChangeStatus) -> StatusView {
        let page = Page { page: 1, size: 25 };
        StatusView::of(status, page, 10, datetime!(2026-03-01 12:00:00 UTC))
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
    fn a_reason_is_told_for_what_failed_and_only_for_that() {
        assert_eq!(Item::of(item()).reason, None);
        let failed = |details: &str| {
            Item::of(ItemStatus {
                status: "ERROR".to_owned(),
                details: Some(details.to_owned()),
                ..item()
            })
            .reason
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
        assert_eq!(Item::of(plain).indicators.service_created, None);
        let asked = ItemStatus {
            plan_asked: true,
            ..item()
        };
        assert_eq!(Item::of(asked).indicators.rate_plan_assigned, Some(false));
    }
}
