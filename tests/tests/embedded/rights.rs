//! The least rights: what the roles of infra/sql/rights hold is what the lambdas need, no less and no more.
//!
//! Every world of these tests logs the lambdas in with their roles, so a statement without a grant fails everywhere. Here the
//! whole flow runs once, and what is granted is compared with what all branches of all statements that were sent could need.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use central::{Central, outbox, ready, stored_answer};
use embedded_sql_server::permissions::{Right, Verb, as_granted};
use end_to_end::{Wishes, World, sql::Sql};
use local::logins::Login;
use local::rev::{Call, Fault, Rule};
use serde_json::json;

const INTAKE: &str = "device_association_intake";
const CONSUMER: &str = "device_association_consumer";

/// The statement files of `central` but for those of the runner and of `ops`: first line and name.
fn statements() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/central/src");
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (fs::read_to_string(path).unwrap(), name)
        })
        .collect()
}

/// Everything that the two lambdas ever ask.
async fn whole_flow(world: &World) {
    // Taken by the queue at once, not at all, and only by the sweep.
    let iccids = world.iccids(1..=120);
    let mut request = world.with_service(&iccids);
    request["addCustomerRatePlan"] = json!(true);
    request["customerRatePlan"] = json!(world.plan);
    request["addCarrierRatePlan"] = json!(true);
    request["carrierRatePlan"] = json!("CARRIER-1GB");
    let key = "00000000-0000-4000-8000-000000000001";
    let accepted = world.post_with(&request, key).await;
    let id = accepted.bulk_change();
    assert_eq!(world.post_with(&request, key).await.bulk_change(), id);
    assert_eq!(world.get("/healthz/ready").await.status, 200);
    let status = format!("/M2M/BulkChangeStatus/{id}");
    assert_eq!(world.get(&status).await.status, 200);
    // Somebody watches while nothing happens.
    let watcher = world
        .http()
        .get(world.url(&status))
        .header("Prefer", "wait=1");
    let answer = watcher.bearer_auth(world.token()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    world.drain().await;
    assert_eq!(world.get(&status).await.body["status"], "PROCESSED");
    assert!(world.assert_billed_once(id).await.is_empty());

    // What is looked up beside it.
    let customers = world.get("/M2M/GetRevCustomers").await;
    let customer = customers.body["items"][0]["revCustomerId"].clone();
    let customer = customer.as_str().unwrap();
    let iccid = &iccids[0];
    let checked = world.get(&format!("/api/devices/validate/{iccid}")).await;
    let device = checked.body["deviceId"].as_i64().unwrap();
    for path in [
        "/M2M/BulkChanges".to_owned(),
        "/M2M/Index?facets=true".to_owned(),
        format!("/M2M/DeviceDetails/{device}"),
        format!("/api/devices/{device}/history"),
        format!("/api/customers/{customer}/sites"),
        format!("/api/rate-plans/customer/{customer}"),
        format!("/api/bulk-changes/{id}/devices/{iccid}/log"),
    ] {
        let answer = world.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }

    world.queue.go_down();
    let late = world.post(&world.with_plan(&world.iccids(121..=122))).await;
    late.bulk_change();
    world.queue.come_back();
    world.drain().await;

    // A bulk change of somebody else, and one that names a bulk change as a whole.
    let theirs = world
        .write_assignment(&world.foreign_rows(123..=124).await)
        .await;
    world.announce(theirs).await;
    world.drain().await;
    world.announce(theirs).await;
    world.drain().await;

    // The budget's row was written when the account had another client code of Rev.
    let mut sql = world.sql().await;
    sql.rows("UPDATE dbo.RevCallBudget SET ClientCode = N'fake-former-code'")
        .await;

    // A call without an answer, a customer that Rev refuses.
    world.rev.revoke_tokens();
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::drop_after()));
    let lost = world.submit_with_service(125..=126).await;
    world.drain().await;
    world.assert_billed_once(lost).await;
    let mut refused = world.with_service(&world.iccids(127..=127));
    refused["products"] = json!([{"productId": 999_999, "rate": 1}]);
    world.post(&refused).await.bulk_change();
    world.drain().await;

    // What is asked only when something went wrong in between.
    stored_answer::stored_answer(&world.intake, &[0; 32])
        .await
        .unwrap();
    for central in [&world.intake, &world.central] {
        outbox::mark_failed(central, &[(0, "no".to_owned())])
            .await
            .unwrap();
    }
    ready::ready(&world.intake).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_granted_is_what_the_statements_of_each_lambda_need() {
    let world = World::embedded(Wishes::devices(130)).await;
    whole_flow(&world).await;
    let database = world.server().database();
    let mut sent = BTreeSet::new();
    for (role, login) in [(INTAKE, Login::Intake), (CONSUMER, Login::Consumer)] {
        let user = login.user();
        sent.extend(database.batches_of(user));
        let mut needed = database.rights_needed(user);
        assert_eq!(needed.failed, [], "{role}");
        // What is called by a name in a variable is known only where it was called.
        needed.rights.extend(database.rights_used(user));
        let granted = database.rights_granted(role);
        let needed = as_granted(&needed.rights, &granted);
        let words = |rights: BTreeSet<&Right>| -> Vec<String> {
            rights.into_iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            words(needed.difference(&granted).collect()),
            [""; 0],
            "{role} needs these, and infra/sql/rights does not grant them"
        );
        assert_eq!(
            words(granted.difference(&needed).collect()),
            [""; 0],
            "infra/sql/rights grants these to {role}, which needs them for nothing"
        );
    }
    let unseen: Vec<String> = statements()
        .into_iter()
        .filter(|(text, _)| !sent.contains(text))
        .map(|(_, name)| name)
        .collect();
    assert_eq!(
        unseen, [""; 0],
        "statements that the flow of this test does not come by, so that nobody knows whether they may"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_lambda_can_do_what_is_the_others_or_nobodys() {
    let world = World::embedded(Wishes::devices(1)).await;
    let both = [
        "CREATE TABLE dbo.Mine (id int NOT NULL)",
        "DELETE FROM dbo.DeviceBulkChangeLog",
        "UPDATE dbo.Device SET IsDeleted = 1",
        "SELECT OAuth2_ClientSecret FROM dbo.Integration_Authentication",
        "SELECT ClientSecret FROM dbo.Integration_Connection",
        "UPDATE dbo.Integration_Authentication SET Password = N'mine'",
        "SELECT Name FROM dbo.BulkChangeMigrations",
    ];
    let intake = [
        "SELECT Password FROM dbo.Integration_Authentication",
        "SELECT Username FROM dbo.Integration_Authentication",
        "UPDATE dbo.Device_Tenant SET AccountNumber = N'1'",
        "UPDATE dbo.M2M_DeviceChange SET Status = N'PROCESSED'",
        "UPDATE dbo.DeviceChangeWork SET ClosedAt = NULL",
        "EXEC dbo.UPDATE_DEVICE_REV_SERVICE_LINKS",
    ];
    let consumer = [
        "UPDATE dbo.DeviceBulkChange SET TenantId = 1",
        "UPDATE dbo.M2M_DeviceChange SET ICCID = N'1'",
        "UPDATE dbo.Device_Tenant SET TenantId = 1",
        "INSERT INTO dbo.BulkChangeRequestKey (Answer) VALUES (N'')",
        "INSERT INTO dbo.RevCustomer (CustomerName) VALUES (N'')",
    ];
    for (login, own) in [
        (&world.logins.intake, intake.as_slice()),
        (&world.logins.consumer, consumer.as_slice()),
    ] {
        let mut sql = Sql::connect(login).await;
        for statement in both.iter().chain(own) {
            let number = sql.refusal(statement).await;
            assert!(
                matches!(number, Some(229 | 230 | 15247)),
                "{statement}: {number:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_an_error_and_never_no_work() {
    let world = World::embedded(Wishes::devices(1)).await;
    let id = world
        .post(&world.with_plan(&world.iccids(1..=1)))
        .await
        .bulk_change();
    // A consumer that came with the intake's login.
    let wrong =
        Central::connect(central::Settings::from_connection_string(&world.logins.intake).unwrap())
            .await
            .unwrap();
    let error = central::sweep::sweep(&wrong, 10, central::sweep::Receivers::default())
        .await
        .unwrap_err();
    assert!(
        format!("{error:?}").contains("permission was denied"),
        "{error:?}"
    );
    world.drain().await;
    assert_eq!(
        world.statuses(id).await,
        BTreeMap::from([("PROCESSED".to_owned(), 1)])
    );
}

/// How the procedures of an existing database were called: name and arguments, in order.
async fn calls(world: &World) -> Vec<(String, String)> {
    world
        .sql()
        .await
        .rows("SELECT Called, Arguments FROM dbo.LegacyCalls ORDER BY id")
        .await
        .iter()
        .map(|row| {
            let text = |column| row.get::<&str, _>(column).unwrap_or_default().to_owned();
            (text("Called"), text("Arguments"))
        })
        .collect()
}

fn existing(devices: usize) -> Wishes {
    Wishes {
        existing: true,
        ..Wishes::devices(devices)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_flow_runs_on_a_database_of_somebody_else_with_its_own_procedures() {
    let world = World::embedded(existing(3)).await;
    let mut request = world.with_service(&world.iccids(1..=3));
    request["addCustomerRatePlan"] = json!(true);
    request["customerRatePlan"] = json!(world.plan);
    request["effectiveDate"] = json!("2026-01-31");
    let id = world.post(&request).await.bulk_change();
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        BTreeMap::from([("PROCESSED".to_owned(), 3)]),
        "whatever status their procedure leaves and whatever it answers"
    );
    assert_eq!(
        world.get(&format!("/M2M/BulkChangeStatus/{id}")).await.body["status"],
        "PROCESSED"
    );
    let calls = calls(&world).await;
    let of = |name: &str| -> Vec<&str> {
        let found = calls.iter().filter(|(called, _)| called == name);
        found.map(|(_, arguments)| arguments.as_str()).collect()
    };
    // Device ids as a comma list, none of Mobility, portal M2M, tenant, provider, day; its own default stays its own.
    let [history] = of("history")[..] else {
        panic!("{calls:?}")
    };
    let mut sql = world.sql().await;
    let ids: Vec<String> = sql
        .rows(&format!(
            "SELECT CAST(DeviceId AS nvarchar(10)) FROM dbo.M2M_DeviceChange WHERE BulkChangeId = {id} ORDER BY DeviceId"
        ))
        .await
        .iter()
        .map(|row| row.get::<&str, _>(0).unwrap().to_owned())
        .collect();
    let rest = history.strip_prefix(&ids.join(",")).unwrap_or(history);
    assert_eq!(
        rest,
        format!("||0|{}|{}|2026-01-31|1", world.tenant, world.provider)
    );
    let changes = world.changes(id).await;
    let marks = of("mark");
    assert_eq!(marks.len(), changes.len());
    for (mark, change) in marks.iter().zip(&changes) {
        assert!(mark.starts_with(&format!("{}|1|", change.id)), "{mark}");
    }
    assert!(!of("links").is_empty());
    assert!(
        of("links under our name").is_empty(),
        "usp_UpdateDevice_RevServiceLinks goes before it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_their_procedure_loses_nothing_and_goes_on_when_it_is_over() {
    for procedure in ["history", "links"] {
        let world = World::embedded(existing(2)).await;
        let mut sql = world.sql().await;
        sql.rows(&format!(
            "INSERT INTO dbo.LegacySwitch (Fails) VALUES (N'{procedure}')"
        ))
        .await;
        let id = world.submit_with_service(1..=2).await;
        for _ in 0..3 {
            world.deliver(1, 1).await;
            world.pass(Duration::from_mins(20));
            // Whatever else there is to sweep is swept. That one could not be finished is counted (`measured`), and fails nothing.
            let swept = world.sweep().await;
            assert_eq!(swept["finished"], 0, "{procedure}: {swept}");
        }
        assert_eq!(
            world.rev.lines().len(),
            2,
            "{procedure}: opened once, and not again for an error after it"
        );
        assert!(
            world
                .statuses(id)
                .await
                .keys()
                .all(|status| status != "ERROR" && status != "API_FAILED"),
            "{procedure}: {:?}",
            world.changes(id).await
        );
        assert!(
            world.unfinished().await > 0,
            "{procedure}: not finished yet"
        );

        sql.rows("DELETE FROM dbo.LegacySwitch").await;
        world.drain().await;
        assert!(world.assert_billed_once(id).await.is_empty());
        assert_eq!(
            world.statuses(id).await,
            BTreeMap::from([("PROCESSED".to_owned(), 2)])
        );
        let called = calls(&world).await;
        assert!(called.iter().any(|(name, _)| name == procedure));
    }
}

/// Verbs are what the scripts are made of.
#[test]
fn only_reading_and_setting_can_be_granted_by_column() {
    for (verb, by_column) in [
        (Verb::Select, true),
        (Verb::Update, true),
        (Verb::Insert, false),
        (Verb::Delete, false),
        (Verb::Execute, false),
    ] {
        assert_eq!(verb.has_columns(), by_column, "{}", verb.name());
    }
}
