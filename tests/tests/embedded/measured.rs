//! The lines of metrics: as CloudWatch's embedded metric format wants them, and what stands in them.

use std::time::Duration;

use embedded_sql_server::faults::{Action, Trigger};
use end_to_end::{Wishes, World, deliveries::event, printed::Printed};
use local::rev::{Call, Fault, Rule};
use serde_json::{Value, json};
use telemetry::metric::Metric;

/// The rules of the format
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>),
/// and ours: a metric has the name, unit and dimension that the list of them says.
fn assert_is_emf(line: &Value) {
    let aws = &line["_aws"];
    assert!(
        aws["Timestamp"].as_u64().unwrap() > 1_600_000_000_000,
        "{line}"
    );
    let directives = aws["CloudWatchMetrics"].as_array().unwrap();
    assert_eq!(directives.len(), 1);
    let directive = &directives[0];
    let namespace = directive["Namespace"].as_str().unwrap();
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || ".-_/#:".contains(letter);
    assert!(
        (1..=256).contains(&namespace.len()) && namespace.chars().all(allowed),
        "{line}"
    );
    let dimensions: Vec<&str> = directive["Dimensions"][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert_eq!(directive["Dimensions"].as_array().unwrap().len(), 1);
    assert!(dimensions.len() <= 30);
    for name in &dimensions {
        let value = line[*name].as_str().unwrap();
        assert!((1..=1024).contains(&value.len()), "{line}");
    }
    let metrics = directive["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&metrics.len()), "{line}");
    let mut names = Vec::new();
    for metric in metrics {
        let name = metric["Name"].as_str().unwrap();
        let known = Metric::ALL.iter().find(|known| known.name() == name);
        let known = known.unwrap_or_else(|| panic!("{name} is in no list"));
        assert_eq!(metric["Unit"], known.unit().name());
        assert_eq!(
            dimensions,
            known.dimension().into_iter().collect::<Vec<_>>(),
            "{name}"
        );
        match &line[name] {
            Value::Number(_) => {}
            Value::Array(values) => {
                assert!((1..=100).contains(&values.len()), "{line}");
                assert!(values.iter().all(Value::is_number), "{line}");
            }
            other => panic!("{name} is {other}"),
        }
        assert!(!names.contains(&name), "{name} twice");
        names.push(name);
    }
    let members = line.as_object().unwrap().len();
    assert_eq!(members, 1 + dimensions.len() + names.len(), "{line}");
    assert!(line.to_string().len() < 256 * 1024);
}

/// What was measured, each line checked, without the times.
fn measured(printed: &Printed) -> Vec<Value> {
    let mut lines = printed.measured();
    for line in &mut lines {
        assert_is_emf(line);
        line["_aws"]["Timestamp"] = json!("[timestamp]");
        for metric in ["RevCallTime", "ClaimTime", "RecordTime", "OutboxAge"] {
            if let Some(values) = line.get_mut(metric) {
                let count = values.as_array().unwrap().len();
                *values = json!(format!("[{count} values]"));
            }
        }
    }
    printed.clear();
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_a_batch_and_a_sweep_say_what_they_did() {
    let printed = Printed::everything("off");
    let world = World::embedded(Wishes::devices(3)).await;

    world.queue.go_down();
    let devices = world.iccids([1, 2, 3, 9, 10]);
    let id = world
        .post(&world.with_service(&devices))
        .await
        .bulk_change();
    insta::assert_json_snapshot!("request", measured(&printed));

    world.pass(Duration::from_secs(90));
    world.sweep().await;
    let age = printed.measured()[0]["OutboxAge"][0].as_f64().unwrap();
    assert!((90.0..100.0).contains(&age), "{age}");
    insta::assert_json_snapshot!("sweep", measured(&printed));

    world.queue.come_back();
    world.pass(Duration::from_mins(15));
    world.sweep().await;
    printed.clear();
    let refused = Fault::refuse("number is not valid");
    world.rev.fault(Rule::once(Call::OpenLine, refused));
    let mut batch = event(&world.queue.receive(10));
    let records = batch["Records"].as_array_mut().unwrap();
    records.push(json!({"messageId": "poison", "body": "{"}));
    world.call(batch).await;
    assert_eq!(
        world.statuses(id).await,
        [
            ("API_FAILED".to_owned(), 1),
            ("ERROR".to_owned(), 2),
            ("PROCESSED".to_owned(), 2)
        ]
        .into()
    );
    insta::assert_json_snapshot!("batch", measured(&printed));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_of_more_calls_than_fit_into_a_line() {
    let printed = Printed::everything("off");
    let world = World::embedded(Wishes::devices(230)).await;
    let id = world.submit_with_service(1..=230).await;
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    let (mut calls, mut times, mut processed) = (0, 0, 0);
    for line in printed.measured() {
        assert_is_emf(&line);
        calls += line["RevCalls"].as_u64().unwrap_or_default();
        times += line["RevCallTime"].as_array().map_or(0, Vec::len);
        processed += line["DevicesProcessed"].as_u64().unwrap_or_default();
    }
    assert_eq!(processed, 230);
    assert_eq!(calls, world.rev.calls().len() as u64);
    assert_eq!(times, world.rev.calls().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_messages_fail_is_measured_too() {
    let printed = Printed::everything("off");
    let world = World::embedded(Wishes::devices(2)).await;
    world
        .post(&world.with_plan(&world.iccids(1..=2)))
        .await
        .bulk_change();
    printed.clear();
    world.server().faults().refuse_connections(true);
    world.server().faults().cut_all();
    world.call(event(&world.queue.receive(10))).await;
    let lines = printed.measured();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_is_emf(&lines[0]);
    assert_eq!(lines[0]["MessagesFailed"], 1);
    // A sweep that does not come through has no heartbeat.
    printed.clear();
    let sweep = json!({"source": "aws.events"});
    let end = std::time::Instant::now() + Duration::from_mins(2);
    assert!(
        device_bulk_change::handle(&world.consumer, sweep, end)
            .await
            .is_err()
    );
    assert_eq!(printed.measured(), Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_change_that_cannot_be_finished_is_counted_and_the_sweep_came_through() {
    let printed = Printed::everything("off");
    let world = World::embedded(Wishes::devices(4)).await;
    let stuck = world
        .post(&world.with_plan(&world.iccids(1..=2)))
        .await
        .bulk_change();
    // Both bulk changes are done but for their end: what fails is the finish, with an error that the link procedure throws.
    world.server().faults().add_lasting(
        Trigger::matching("-- finish:"),
        Action::Error { number: 50_000 },
    );
    world.deliver(10, 1).await;
    let other = world
        .post(&world.with_plan(&world.iccids(3..=4)))
        .await
        .bulk_change();
    world.deliver(10, 1).await;
    assert_eq!(world.unfinished().await, 2);
    world.server().faults().clear();
    world.server().faults().add(
        Trigger::matching("-- finish:"),
        Action::Error { number: 50_000 },
    );
    let swept = async |world: &World| {
        printed.clear();
        world.pass(Duration::from_mins(1));
        let answer = world.sweep().await;
        let lines = printed.measured();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_is_emf(&lines[0]);
        let line = &lines[0];
        let told = ["Swept", "BulkChangesNotFinished"].map(|name| line[name].clone());
        (answer["finished"].as_u64().unwrap(), told)
    };
    assert_eq!(swept(&world).await, (1, [json!(1), json!([1.0])]));
    assert_eq!(swept(&world).await, (1, [json!(1), json!([0.0])]));
    for id in [stuck, other] {
        assert_eq!(
            world.statuses(id).await,
            [("PROCESSED".to_owned(), 2)].into()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_in_whose_midst_the_database_goes_away_fails_and_has_no_heartbeat() {
    let printed = Printed::everything("off");
    let world = World::embedded(Wishes::devices(1)).await;
    world
        .post(&world.with_plan(&world.iccids(1..=1)))
        .await
        .bulk_change();
    let faults = world.server().faults();
    let finish = Trigger::matching("-- finish:");
    faults.add(finish.clone(), Action::Error { number: 50_000 });
    world.deliver(10, 1).await;
    assert_eq!(world.unfinished().await, 1);
    world.pass(Duration::from_mins(1));
    // A connection that stands still asks what there is to do; then there is none any more.
    central::ready::ready(&world.central).await.unwrap();
    printed.clear();
    faults.refuse_connections(true);
    faults.add_lasting(finish, Action::DropBefore);
    let sweep = json!({"source": "aws.events"});
    let end = std::time::Instant::now() + Duration::from_mins(2);
    let failed = device_bulk_change::handle(&world.consumer, sweep, end).await;
    assert!(failed.is_err(), "{failed:?}");
    let lines = printed.measured();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["BulkChangesNotFinished"], json!([1.0]));
    assert_eq!(lines[0].get("Swept"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_share_a_budget_count_once() {
    let printed = Printed::everything("off");
    let world = World::embedded(Wishes::devices(1)).await;
    world.submit_with_service(1..=1).await;
    let mut sql = world.sql().await;
    // Two accounts of one budget, both stopped; the budget paused, and used by a quarter.
    sql.rows(
        "UPDATE dbo.RevCallBudget SET CallsToday = CallsPerDay / 4, PausedUntil = DATEADD(HOUR, 1, SYSUTCDATETIME()), \
         StoppedSince = SYSUTCDATETIME(), Today = CAST(SYSUTCDATETIME() AS date); \
         INSERT INTO dbo.RevCallBudget (IntegrationAuthenticationId, SharesBudgetOf, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, Today, \
         CallsToday, StoppedSince, PausedUntil) \
         SELECT r.IntegrationAuthenticationId + 1000, r.IntegrationAuthenticationId, r.NextSlotAt, r.CallsPerMinute, r.CallsPerDay, r.Burst, \
         r.Today, r.CallsPerDay, SYSUTCDATETIME(), r.PausedUntil FROM dbo.RevCallBudget AS r",
    )
    .await;
    let standing = async |world: &World| {
        printed.clear();
        world.sweep().await;
        let line = printed.measured().remove(0);
        ["AccountsPaused", "AccountsStopped", "BudgetUsed"].map(|name| line[name][0].to_string())
    };
    assert_eq!(standing(&world).await, ["1.0", "1.0", "25.0"]);
    // The pause runs out by itself, and a new day begins with nothing.
    world.pass(Duration::from_hours(25));
    assert_eq!(standing(&world).await, ["0.0", "1.0", "0.0"]);
}
