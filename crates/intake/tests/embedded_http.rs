//! What a caller is told when the database fails. Needs the faults of the embedded server.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "what a test cannot set up or read is a failed test"
)]

#[path = "http/app.rs"]
mod app;

use std::time::Duration;

use app::{
    App,
    database::{Base, World},
};
use axum::http::StatusCode;
use embedded_sql_server::faults::{Action, Trigger};
use intake::token::Pace;
use tokio::time::Instant;

/// Part of the text of the statement that writes a request, and of no other.
const WRITE: &str = "INSERT INTO dbo.DeviceBulkChange (";
/// Part of the text of the statement that marks messages.
const MARK: &str = "SET SentAt =";

/// An app that does not wait long for the database.
async fn impatient() -> App {
    let base = Base::embedded().await;
    let world = World::new(&base.sql).await;
    let mut settings = base.settings();
    settings.connect_timeout = Duration::from_millis(500);
    settings.checkout_timeout = Duration::from_millis(500);
    settings.command_timeout = Duration::from_secs(2);
    App::with_settings(base, world, settings, Pace::default()).await
}

#[tokio::test]
async fn while_the_database_is_away_requests_get_a_503_with_retry_after_and_nothing_is_written() {
    let app = impatient().await;
    let request = app.request(&app.world.add_assignable(1).await);
    let faults = app.base.server().faults();
    faults.refuse_connections(true);
    for answer in [
        app.posting(&request).key("one").send().await,
        app.status(1).await,
        app.get("/healthz/ready", None).await,
    ] {
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            answer.text
        );
        assert_eq!(answer.problem(), "/problems/database-unavailable");
        assert_eq!(answer.header("retry-after"), "5");
    }
    assert_eq!(app.get("/healthz", None).await.status, StatusCode::OK);
    faults.refuse_connections(false);
    app.assert_nothing_written("the database was away").await;
    let answer = app.posting(&request).key("one").send().await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
}

#[tokio::test]
async fn a_write_without_an_answer_is_an_unknown_outcome_that_the_same_key_settles() {
    for (case, action, written) in [
        ("cut before", Action::DropBefore, 0),
        ("cut after", Action::DropAfter, 1),
        ("never answered", Action::Silence, 0),
        ("done and never answered", Action::SilenceAfter, 1),
    ] {
        let app = impatient().await;
        let request = app.request(&app.world.add_assignable(3).await);
        app.base
            .server()
            .faults()
            .add(Trigger::matching(WRITE), action);
        let answer = app.posting(&request).key("one").send().await;
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{case}: {}",
            answer.text
        );
        assert_eq!(answer.problem(), "/problems/outcome-unknown", "{case}");
        assert_ne!(answer.header("retry-after"), "");
        assert_eq!(app.bulk_changes().await, written, "{case}");

        let settled = app.posting(&request).key("one").send().await;
        assert_eq!(
            settled.status,
            StatusCode::ACCEPTED,
            "{case}: {}",
            settled.text
        );
        assert_eq!(app.bulk_changes().await, 1, "{case}");
        let replayed = settled.header("idempotent-replayed") == "true";
        assert_eq!(replayed, written == 1, "{case}");
    }
}

#[tokio::test]
async fn a_deadlock_is_tried_again_and_not_seen_by_the_caller() {
    let app = impatient().await;
    let request = app.request(&app.world.add_assignable(1).await);
    let deadlock = Action::Error { number: 1205 };
    app.base
        .server()
        .faults()
        .add(Trigger::matching(WRITE), deadlock);
    let answer = app.post_association(&request).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    assert_eq!(app.bulk_changes().await, 1);
}

#[tokio::test]
async fn while_the_same_key_is_being_written_the_answer_is_a_409_with_retry_after() {
    let app = impatient().await;
    let request = app.request(&app.world.add_assignable(1).await);
    let lock_timeout = Action::Error { number: 1222 };
    app.base
        .server()
        .faults()
        .add(Trigger::matching(WRITE), lock_timeout);
    let answer = app.posting(&request).key("one").send().await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    assert_eq!(answer.problem(), "/problems/still-running");
    assert_ne!(answer.header("retry-after"), "");
    app.assert_nothing_written("a lock time-out").await;
}

#[tokio::test]
async fn a_defect_of_ours_is_a_500_that_tells_nothing_of_the_database() {
    let app = impatient().await;
    let request = app.request(&app.world.add_assignable(1).await);
    let defect = Action::Error { number: 208 };
    app.base
        .server()
        .faults()
        .add(Trigger::matching(WRITE), defect);
    let answer = app.post_association(&request).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.problem(), "/problems/internal");
    for word in ["208", "dbo", "SQL", "statement", "submit"] {
        assert!(!answer.text.contains(word), "{}", answer.text);
    }
    app.assert_nothing_written("a defect").await;
}

#[tokio::test]
async fn messages_that_could_not_be_marked_are_sent_and_the_request_is_accepted() {
    let app = impatient().await;
    let request = app.request(&app.world.add_assignable(1).await);
    app.base
        .server()
        .faults()
        .add_lasting(Trigger::matching(MARK), Action::DropBefore);
    let answer = app.post_association(&request).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    assert_eq!(app.queue.sent().len(), 1);
    assert_eq!(app.unsent().await, 1, "the sweep sends it a second time");
}

/// Asks for the status with a wait of one second while the database never answers the light question.
async fn wait_on_silence(app: &App) -> (app::Answer, i64) {
    let request = app.request(&app.world.add_assignable(1).await);
    let id = app.post_association(&request).await.change_id();
    let faults = app.base.server().faults();
    faults.add_lasting(Trigger::matching("AS OpenRows"), Action::Silence);
    let waiting = axum::http::Request::get(format!("/M2M/BulkChangeStatus/{id}"))
        .header("authorization", format!("Bearer {}", app.token()))
        .header("prefer", "wait=1");
    let waiting = app.call(waiting.body(axum::body::Body::empty()).unwrap());
    // From here on time is tokio's, which jumps to whatever ends the silence.
    let hangs = async {
        while faults.struck() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::pause();
    };
    let (answer, ()) = tokio::join!(waiting, hangs);
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.problem(), "/problems/database-unavailable");
    assert_ne!(answer.header("retry-after"), "");
    assert_eq!(answer.header("etag"), "");
    (answer, id)
}

#[tokio::test]
async fn a_database_that_hangs_during_a_wait_is_a_503_six_seconds_after_the_wait_at_the_latest() {
    let base = Base::embedded().await;
    let world = World::new(&base.sql).await;
    let mut settings = base.settings();
    // As in production: longer than API Gateway waits.
    settings.command_timeout = Duration::from_secs(30);
    let app = App::with_settings(base, world, settings, Pace::default()).await;
    let begun = Instant::now();
    wait_on_silence(&app).await;
    let took = begun.elapsed();
    let limit = Duration::from_secs(1 + 6);
    assert!(took >= limit && took < limit * 2, "{took:?}");
}

#[tokio::test]
async fn a_database_that_falls_silent_during_a_wait_is_told_of_as_soon_as_its_time_is_over() {
    let app = impatient().await;
    let begun = Instant::now();
    let (_, id) = wait_on_silence(&app).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
    // Who does not wait is answered as ever.
    tokio::time::resume();
    assert_eq!(app.status(id).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_export_whose_connection_is_cut_between_two_rows_is_an_error_and_no_part_of_a_file() {
    let app = impatient().await;
    app.world.add_assignable(500).await;
    let token = app.token();
    for format in ["csv", "xlsx"] {
        let faults = app.base.server().faults();
        faults.add(
            Trigger::matching("how many devices a caller may see of those"),
            Action::DropMidway,
        );
        let path = format!("/M2M/DeviceInventoryExport?format={format}");
        let (answer, round_trips) = app.round_trips(app.get(&path, Some(&token))).await;
        assert_eq!((faults.waiting(), round_trips), (0, 1), "{format}");
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{format}: {}",
            answer.text
        );
        assert_eq!(answer.problem(), "/problems/database-unavailable");
        assert_eq!(answer.header("content-disposition"), "", "{format}");
        assert!(!answer.text.contains(app.world.iccid(1).as_str()));
    }
    let path = "/M2M/DeviceInventoryExport?format=csv";
    let answer = app.get(path, Some(&token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.text.lines().count(), 501);
}
