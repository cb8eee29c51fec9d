//! What the intake side does when the database fails: never an empty answer, never a second write.
//!
//! Needs faults on demand, so it runs on the embedded server only.

use std::time::Duration;

use crate::support::{
    Base, World,
    submission::{accept, plan, submit_plan},
};
use association::ids::{BulkChangeId, RevCustomerId};
use central::{
    Central, CentralError, Next,
    bulk_changes::{self, bulk_changes},
    change_log::change_log,
    check::check,
    device_details::device_details,
    device_history::device_history,
    inventory::{self, Wanted, inventory},
    listing::{self, Direction, Sort},
    outbox::{mark_failed, mark_sent},
    rate_plans::rate_plans,
    ready::ready,
    rev_customers::{self, rev_customers},
    sites::{self, sites},
    status::{Page, status},
    stored_answer::stored_answer,
    submit::{Key, Submitted},
    validate_device::{self, validate_device},
};
use embedded_sql_server::faults::{Action, Trigger};

/// Words that only this statement has.
const STATEMENTS: [(&str, &str); 15] = [
    ("check", "everything that the checks of a request"),
    ("stored_answer", "which request was accepted under this key"),
    ("status", "how far is a bulk change"),
    ("outbox_sent", "Marks messages as sent"),
    ("outbox_failed", "Notes why messages were not sent"),
    ("ready", "does the database answer"),
    ("inventory", "how many devices a caller may see of those"),
    ("device_details", "everything about one device"),
    ("device_history", "what has changed at a device"),
    ("validate_device", "which device does an ICCID name"),
    ("bulk_changes", "which bulk changes may the caller see"),
    (
        "change_log",
        "what was done for one device of a bulk change",
    ),
    ("rev_customers", "which Rev customers may the caller use"),
    ("sites", "which Sites has a Rev customer"),
    ("rate_plans", "which rate plans and pools can devices"),
];
const SUBMIT: &str = "Records an accepted request";

const PAGE: Page = Page {
    page: 1,
    size: 25,
    outcome: None,
};

const FIRST: listing::Page = listing::Page {
    number: 1,
    size: 25,
};

async fn start() -> (Base, World) {
    let base = Base::embedded().await;
    let world = World::new(&base.sql).await;
    (base, world)
}

/// Runs the statement of that name; whether it answered is all that counts.
async fn run(
    name: &str,
    central: &Central,
    world: &World,
    bulk: BulkChangeId,
    message: i64,
) -> Result<(), CentralError> {
    match name {
        "check" => check(
            central,
            &world.actor(),
            &world.request(vec![world.iccid(1)]),
            None,
        )
        .await
        .map(|checked| assert_eq!(checked.found.devices.len(), 1)),
        "stored_answer" => stored_answer(central, &[1; 32]).await.map(drop),
        "status" => status(central, &world.actor(), bulk, PAGE)
            .await
            .map(|status| assert_eq!(status.unwrap().total, 1)),
        "outbox_sent" => mark_sent(central, &[message]).await,
        "outbox_failed" => mark_failed(central, &[(message, "no".to_owned())]).await,
        "ready" => ready(central).await,
        _ => read(name, central, world, bulk).await,
    }
}

/// The same for what is only read.
async fn read(
    name: &str,
    central: &Central,
    world: &World,
    bulk: BulkChangeId,
) -> Result<(), CentralError> {
    let actor = world.actor();
    let device = world.device_id(1).await;
    let customer = RevCustomerId::parse("1001").unwrap();
    match name {
        "inventory" => inventory(
            central,
            &actor,
            &Wanted::default(),
            ascending(inventory::SortBy::Iccid),
            FIRST,
            true,
        )
        .await
        .map(|found| assert_eq!(found.slice.total, 1)),
        "device_details" => device_details(central, &actor, device, 20, 25)
            .await
            .map(|found| assert_eq!(found.unwrap().changes.len(), 1)),
        "device_history" => device_history(central, &actor, device, FIRST)
            .await
            .map(|found| assert_eq!(found.unwrap().total, 0)),
        "validate_device" => {
            let question = validate_device::Question {
                iccid: world.iccid(1),
                service_provider: None,
                customer: None,
                integration_authentication: None,
            };
            validate_device(central, &actor, &question)
                .await
                .map(|found| assert_eq!(found.unwrap().device, device))
        }
        "bulk_changes" => {
            let question = bulk_changes::Question {
                page: FIRST,
                sort: ascending(bulk_changes::SortBy::Created),
                filter: None,
                status: None,
                mine: false,
            };
            bulk_changes(central, &actor, &question)
                .await
                .map(|found| assert_eq!(found.total, 1))
        }
        "change_log" => change_log(central, &actor, bulk, &world.iccid(1))
            .await
            .map(|rows| assert!(rows.is_some())),
        "rev_customers" => {
            let sort = ascending(rev_customers::SortBy::Name);
            rev_customers(central, &actor, FIRST, sort, None)
                .await
                .map(|found| assert_eq!(found.total, 2))
        }
        "sites" => {
            let sort = ascending(sites::SortBy::Id);
            sites(central, &actor, &customer, FIRST, sort, None)
                .await
                .map(|found| assert_eq!(found.unwrap().total, 1))
        }
        "rate_plans" => rate_plans(central, &actor, &customer, None, None)
            .await
            .map(|found| assert!(found.is_some())),
        other => panic!("{other} is no statement of the intake side"),
    }
}

fn ascending<By>(by: By) -> Sort<By> {
    Sort {
        by,
        direction: Direction::Ascending,
    }
}

#[tokio::test]
async fn a_permanent_error_of_any_intake_statement_is_an_error_and_never_no_rows() {
    let (base, world) = start().await;
    let (bulk, outbox) = accept(
        &base.central,
        &world,
        &world.request(world.add_assignable(1).await),
    )
    .await;
    for (name, words) in STATEMENTS {
        base.server()
            .faults()
            .add(Trigger::matching(words), Action::Error { number: 208 });
        let error = run(name, &base.central, &world, bulk, outbox[0].id)
            .await
            .expect_err(name);
        assert_eq!(
            (error.number(), error.next()),
            (Some(208), Next::Never),
            "{name}"
        );
        run(name, &base.central, &world, bulk, outbox[0].id)
            .await
            .expect(name);
    }
}

#[tokio::test]
async fn a_statement_that_may_be_repeated_outlives_a_deadlock_a_failover_and_a_broken_connection() {
    let (base, world) = start().await;
    let (bulk, outbox) = accept(
        &base.central,
        &world,
        &world.request(world.add_assignable(1).await),
    )
    .await;
    for (name, words) in STATEMENTS {
        let before = base.central.round_trips();
        run(name, &base.central, &world, bulk, outbox[0].id)
            .await
            .expect(name);
        let undisturbed = base.central.round_trips() - before;
        for action in [
            Action::Error { number: 1205 },
            Action::Error { number: 40613 },
            Action::Error { number: 40501 },
            Action::DropBefore,
            Action::DropAfter,
        ] {
            let before = base.central.round_trips();
            base.server()
                .faults()
                .add(Trigger::matching(words), action.clone());
            run(name, &base.central, &world, bulk, outbox[0].id)
                .await
                .unwrap_or_else(|error| panic!("{name} {action:?}: {error}"));
            let disturbed = base.central.round_trips() - before;
            assert_eq!(disturbed, undisturbed + 1, "{name} {action:?}");
        }
    }
}

#[tokio::test]
async fn a_statement_that_fails_again_and_again_is_given_up() {
    let (base, world) = start().await;
    base.server().faults().add_lasting(
        Trigger::matching("does the database answer"),
        Action::Error { number: 1205 },
    );
    let before = base.central.round_trips();
    let error = ready(&base.central).await.unwrap_err();
    assert_eq!((error.number(), error.next()), (Some(1205), Next::Again));
    assert_eq!(base.central.round_trips() - before, 4);
    base.server().faults().clear();
    drop(world);
    ready(&base.central).await.unwrap();
}

#[tokio::test]
async fn a_submit_that_was_rolled_back_is_run_again_and_written_once() {
    let (base, world) = start().await;
    let request = world.request(world.add_assignable(3).await);
    base.server()
        .faults()
        .add(Trigger::matching(SUBMIT), Action::Error { number: 1205 });
    accept(&base.central, &world, &request).await;
    let bulk_changes = "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange WHERE TenantId = @P1";
    assert_eq!(
        base.sql.count(bulk_changes, &[&world.tenant.get()]).await,
        1
    );
}

#[tokio::test]
async fn a_submit_whose_answer_is_lost_is_unknown_and_its_key_settles_it() {
    let (base, world) = start().await;
    let devices = world.add_assignable(2).await;
    for (device, action, written) in [
        (&devices[0], Action::DropAfter, true),
        (&devices[1], Action::DropBefore, false),
    ] {
        let request = world.request(vec![device.clone()]);
        let planned = plan(&base.central, &world, &request).await;
        let key = Key {
            hash: [u8::from(written) + 1; 32],
            fingerprint: [3; 32],
        };
        base.server()
            .faults()
            .add(Trigger::matching(SUBMIT), action);
        let error = submit_plan(&base.central, &world, &request, &planned, Some(key))
            .await
            .unwrap_err();
        assert_eq!(error.next(), Next::Unknown);
        let stored = stored_answer(&base.central, &key.hash).await.unwrap();
        assert_eq!(stored.is_some(), written);
        // Submitted again under the key: the twin is found, or the submit happens now.
        let again = submit_plan(&base.central, &world, &request, &planned, Some(key))
            .await
            .unwrap();
        assert_eq!(again == Submitted::KeyTaken, written, "{again:?}");
    }
    let bulk_changes = "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange WHERE TenantId = @P1";
    assert_eq!(
        base.sql.count(bulk_changes, &[&world.tenant.get()]).await,
        2
    );
}

#[tokio::test]
async fn a_submit_that_is_never_answered_is_unknown_after_the_command_time_out() {
    let (base, world) = start().await;
    let request = world.request(world.add_assignable(1).await);
    let planned = plan(&base.central, &world, &request).await;
    let mut settings = base.settings();
    settings.command_timeout = Duration::from_millis(300);
    let hasty = Central::connect(settings).await.unwrap();
    base.server()
        .faults()
        .add(Trigger::matching(SUBMIT), Action::Silence);
    let error = submit_plan(&hasty, &world, &request, &planned, None)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        CentralError::TimedOut {
            statement: "submit",
            ..
        }
    ));
    assert_eq!(error.next(), Next::Unknown);
    // The interrupted connection is gone; the next statement has another one.
    ready(&hasty).await.unwrap();
}

#[tokio::test]
async fn a_twin_that_waits_too_long_for_the_key_is_told_that_it_is_busy() {
    let (base, world) = start().await;
    let request = world.request(world.add_assignable(1).await);
    let planned = plan(&base.central, &world, &request).await;
    base.server()
        .faults()
        .add(Trigger::matching(SUBMIT), Action::Error { number: 1222 });
    let key = Key {
        hash: [5; 32],
        fingerprint: [5; 32],
    };
    let submitted = submit_plan(&base.central, &world, &request, &planned, Some(key))
        .await
        .unwrap();
    assert_eq!(submitted, Submitted::KeyBusy);
}

#[tokio::test]
async fn an_unreachable_database_is_an_error_that_says_why_and_recovers_by_itself() {
    let (base, world) = start().await;
    let mut settings = base.settings();
    settings.checkout_timeout = Duration::from_millis(500);
    let central = Central::connect(settings).await.unwrap();
    base.server().faults().refuse_logins(true);
    let before = central.round_trips();
    let request = world.request(vec![world.iccid(1)]);
    let error = check(&central, &world.actor(), &request, None)
        .await
        .unwrap_err();
    assert_eq!(error.next(), Next::Again);
    assert!(error.is_login_refused(), "{error:?}");
    assert_eq!(central.round_trips(), before);
    base.server().faults().refuse_logins(false);
    ready(&central).await.unwrap();
}

#[tokio::test]
async fn connections_of_before_a_restart_are_replaced_before_a_submit_is_sent() {
    let (mut base, world) = start().await;
    let request = world.request(world.add_assignable(1).await);
    let planned = plan(&base.central, &world, &request).await;
    // Several connections lie in the pool.
    let busy = futures::future::join_all((0..8).map(|_| ready(&base.central))).await;
    assert!(busy.iter().all(Result::is_ok));
    base.restart().await;
    let before = base.central.round_trips();
    submit_plan(&base.central, &world, &request, &planned, None)
        .await
        .unwrap();
    assert_eq!(base.central.round_trips() - before, 1);
}
