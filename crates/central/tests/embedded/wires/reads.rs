//! What only reads: one bulk change that has been worked on, one that waits, one of another producer.

use association::{ids::RevCustomerId, plan::Reason};
use central::{
    bulk_changes, change_log, check, device_details, device_history, enroll, inventory,
    listing::{Direction, Page, Sort},
    ops, rate_plans, ready,
    record::{Ending, Record},
    rev_customers, sites, status, status_mark, stored_answer,
    submit::{Key, Submitted},
    validate_device,
};
use serde_json::json;

use super::{
    cases::Cases,
    listed::Listed,
    stage::{Call, call},
};
use crate::{
    bench::{
        Bench, failure,
        tables::{everything, opened},
    },
    support::{
        Base, foreign,
        submission::{plan, submit_plan},
    },
};

const NAMES: [&str; 19] = [
    "account",
    "bulk_changes",
    "change_log",
    "check",
    "device_details",
    "device_history",
    "enroll_read",
    "inventory",
    "rate_plans",
    "ready",
    "rev_customers",
    "review",
    "reviews",
    "show",
    "sites",
    "status",
    "status_mark",
    "stored_answer",
    "validate_device",
];
const KEY: Key = Key {
    hash: [1; 32],
    fingerprint: [2; 32],
};
const FIRST: Page = Page {
    number: 1,
    size: 25,
};

pub fn has(statement: &str) -> bool {
    NAMES.contains(&statement)
}

pub async fn lay(statements: &[Listed]) -> Cases {
    let bench = everything(Base::embedded().await, 3).await;
    let rows = opened(&bench, 9101).await;
    bench.record(&rows[..2]).await;
    let review = Record {
        ending: Ending::Review {
            reason: Reason::BillingOutcomeUnknown,
            words: "nobody knows".to_owned(),
        },
        ..failure(&rows[2])
    };
    bench.write(&[review], &[]).await;
    assert!(bench.finish().await.finished_now);
    bench
        .world
        .add(&[bench.world.device(4), bench.world.device(5)])
        .await;
    let request = bench.world.request(vec![bench.world.iccid(4)]);
    let planned = plan(bench.central(), &bench.world, &request).await;
    let submitted = submit_plan(bench.central(), &bench.world, &request, &planned, Some(KEY)).await;
    assert!(matches!(submitted, Ok(Submitted::Accepted { .. })));
    let other = foreign::bulk_change(&bench.world).await;
    foreign::add(&bench.world, other, 5, &json!({})).await;
    let device = bench.world.device_id(1).await;
    let change = rows[2].change;
    let calls = statements
        .iter()
        .map(|listed| {
            let name = listed.name.as_str();
            let of_person = by_hand(name, &bench, change);
            of_person.unwrap_or_else(|| asked(name, &bench, device, other))
        })
        .collect();
    Cases {
        base: bench.base,
        calls,
    }
}

fn by_hand(name: &str, bench: &Bench, change: association::ids::ChangeId) -> Option<Call> {
    let (account, tenant) = (bench.world.account, bench.world.tenant);
    let iccid = bench.world.iccid(1);
    Some(match name {
        "account" => call(move |central| async move {
            ops::account::account(&central, account)
                .await
                .map(Option::unwrap)
        }),
        "reviews" => call(move |central| async move {
            let found = ops::review::reviews(&central, Some(tenant), 10).await?;
            assert_eq!(found.0, 1);
            Ok(found)
        }),
        "review" => call(move |central| async move {
            let found = ops::review::review(&central, &[change], None).await?;
            assert_eq!(found.len(), 1);
            Ok(found)
        }),
        "show" => call(move |central| {
            let iccid = iccid.clone();
            async move {
                let shown = ops::show::show(&central, &iccid, None, 10).await?;
                assert_eq!(shown.devices.len(), 1);
                Ok(shown)
            }
        }),
        _ => return None,
    })
}

/// What the portal and the lambdas ask. Each of them finds something: none where rows are is what a test would not notice.
fn asked(
    name: &str,
    bench: &Bench,
    device: association::ids::DeviceId,
    other: association::ids::BulkChangeId,
) -> Call {
    let (world, bulk) = (bench.world.clone(), bench.bulk);
    let actor = world.actor();
    match name {
        "ready" => call(|central| async move { ready::ready(&central).await }),
        "check" => call(move |central| {
            let world = world.clone();
            async move {
                let request = world.request(vec![world.iccid(5)]);
                let checked = check::check(&central, &world.actor(), &request, None).await?;
                assert_eq!(checked.found.devices.len(), 1);
                Ok(checked)
            }
        }),
        "stored_answer" => call(|central| async move {
            let stored = stored_answer::stored_answer(&central, &KEY.hash).await?;
            Ok(stored.unwrap())
        }),
        "status" => call(move |central| {
            let actor = actor.clone();
            async move {
                let page = status::Page {
                    page: 1,
                    size: 25,
                    outcome: None,
                };
                let status = status::status(&central, &actor, bulk, page).await?;
                assert_eq!(status.as_ref().unwrap().total, 3);
                Ok(status)
            }
        }),
        "status_mark" => call(move |central| {
            let actor = actor.clone();
            async move {
                let mark = status_mark::status_mark(&central, &actor, bulk).await?;
                Ok(mark.unwrap())
            }
        }),
        "bulk_changes" => call(move |central| {
            let actor = actor.clone();
            async move {
                let question = bulk_changes::Question {
                    page: FIRST,
                    sort: ascending(bulk_changes::SortBy::Created),
                    filter: None,
                    status: None,
                    mine: false,
                };
                let found = bulk_changes::bulk_changes(&central, &actor, &question).await?;
                assert!(found.total >= 2);
                Ok(found)
            }
        }),
        "enroll_read" => call(move |central| async move {
            let named = enroll::read(&central, other).await?;
            assert_eq!(named.as_ref().unwrap().rows.len(), 1);
            Ok(named)
        }),
        _ => of_devices(name, bench, device),
    }
}

/// About one device, or lists of them.
fn of_devices(name: &str, bench: &Bench, device: association::ids::DeviceId) -> Call {
    let (world, bulk) = (bench.world.clone(), bench.bulk);
    let actor = world.actor();
    match name {
        "change_log" => call(move |central| {
            let world = world.clone();
            async move {
                let rows =
                    change_log::change_log(&central, &world.actor(), bulk, &world.iccid(1)).await?;
                assert!(!rows.as_ref().unwrap().is_empty());
                Ok(rows)
            }
        }),
        "device_details" => call(move |central| {
            let actor = actor.clone();
            async move {
                let found =
                    device_details::device_details(&central, &actor, device, 20, 25).await?;
                assert!(found.as_ref().unwrap().history.total > 0);
                Ok(found)
            }
        }),
        "device_history" => call(move |central| {
            let actor = actor.clone();
            async move {
                let found = device_history::device_history(&central, &actor, device, FIRST).await?;
                assert!(found.as_ref().unwrap().total > 0);
                Ok(found)
            }
        }),
        "inventory" => call(move |central| {
            let actor = actor.clone();
            async move {
                let found = inventory::inventory(
                    &central,
                    &actor,
                    &inventory::Wanted::default(),
                    ascending(inventory::SortBy::Iccid),
                    FIRST,
                    true,
                )
                .await?;
                assert_eq!(found.slice.total, 5);
                Ok(found)
            }
        }),
        "validate_device" => call(move |central| {
            let world = world.clone();
            async move {
                let question = validate_device::Question {
                    iccid: world.iccid(1),
                    service_provider: None,
                    customer: None,
                    integration_authentication: None,
                };
                let found =
                    validate_device::validate_device(&central, &world.actor(), &question).await?;
                assert_eq!(found.as_ref().unwrap().device, device);
                Ok(found)
            }
        }),
        _ => of_a_customer(name, bench),
    }
}

/// The lists of the wizard.
fn of_a_customer(name: &str, bench: &Bench) -> Call {
    let actor = bench.world.actor();
    let customer = RevCustomerId::parse("1001").unwrap();
    match name {
        "rev_customers" => call(move |central| {
            let actor = actor.clone();
            async move {
                let sort = ascending(rev_customers::SortBy::Name);
                let found =
                    rev_customers::rev_customers(&central, &actor, FIRST, sort, None).await?;
                assert_eq!(found.total, 2);
                Ok(found)
            }
        }),
        "sites" => call(move |central| {
            let (actor, customer) = (actor.clone(), customer.clone());
            async move {
                let sort = ascending(sites::SortBy::Id);
                let found = sites::sites(&central, &actor, &customer, FIRST, sort, None).await?;
                assert_eq!(found.as_ref().unwrap().total, 1);
                Ok(found)
            }
        }),
        "rate_plans" => call(move |central| {
            let (actor, customer) = (actor.clone(), customer.clone());
            async move {
                let found = rate_plans::rate_plans(&central, &actor, &customer, None, None).await?;
                Ok(found.unwrap())
            }
        }),
        other => panic!("`{other}` has no call"),
    }
}

fn ascending<By>(by: By) -> Sort<By> {
    Sort {
        by,
        direction: Direction::Ascending,
    }
}
