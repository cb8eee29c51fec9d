//! Watching a bulk change: entity tags, waiting for news, filters.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};

use crate::app::{Answer, App, PATIENCE};

/// Asks for the status with more headers than usual.
async fn ask(app: &App, id: i64, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(format!("/M2M/BulkChangeStatus/{id}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.call(request.body(Body::empty()).unwrap()).await
}

/// A bulk change with one device that waits.
async fn one(app: &App) -> i64 {
    let devices = app.world.add_assignable(1).await;
    let request = app.full_request(&devices);
    app.post_association(&request).await.change_id()
}

/// The one device begins to be worked on.
async fn begin(app: &App, id: i64) {
    let begin = "UPDATE dbo.M2M_DeviceChange SET Status = N'PROCESSING' WHERE BulkChangeId = @P1;";
    app.base.sql.run(begin, &[&id]).await;
}

async fn end(app: &App, id: i64) {
    let end = "UPDATE dbo.M2M_DeviceChange SET Status = N'PROCESSED', IsProcessed = 1 WHERE BulkChangeId = @P1; \
         UPDATE dbo.DeviceChangeWork SET Step = 'done', ClosedAt = SYSUTCDATETIME() WHERE BulkChangeId = @P1; \
         UPDATE dbo.BulkChangeWork SET FinishedAt = SYSUTCDATETIME() WHERE BulkChangeId = @P1; \
         UPDATE dbo.DeviceBulkChange SET Status = N'PROCESSED' WHERE id = @P1;";
    app.base.sql.run(end, &[&id]).await;
}

/// For headers of a 304 that a 200 has too.
fn for_caches(answer: &Answer) -> [String; 3] {
    ["etag", "cache-control", "vary"].map(|name| answer.header(name).to_owned())
}

#[tokio::test]
async fn an_answer_that_the_caller_has_already_is_a_304_without_a_body() {
    let app = App::start().await;
    let id = one(&app).await;
    let first = ask(&app, id, &[]).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    assert_eq!(first.header("vary"), "accept-encoding");
    let strong = tag.trim_start_matches("W/").to_owned();
    for known in [tag.as_str(), "*", &strong, &format!("\"x\", {tag}")] {
        let headers = [("if-none-match", known)];
        let (again, trips) = app.round_trips(ask(&app, id, &headers)).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!((again.text.as_str(), trips), ("", 1), "{known}");
        assert_eq!(for_caches(&again), for_caches(&first), "{known}");
    }
    begin(&app, id).await;
    let changed = ask(&app, id, &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test]
async fn a_tag_says_nothing_to_whoever_may_not_see_the_bulk_change() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1).await;
    let mut request = app.request(&devices);
    request["revCustomerId"] = json!("1002");
    let all = app.token_for_all_customers();
    let id = app.posting(&request).token(&all).send().await.change_id();
    let answer = ask(&app, id, &[("if-none-match", "*"), ("prefer", "wait=20")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("etag"), "");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_change_during_the_wait_is_answered_with_what_has_changed() {
    let app = App::start().await;
    let id = one(&app).await;
    for (knows, expected) in [(false, "PROCESSING"), (true, "PENDING")] {
        let before = ask(&app, id, &[]).await.header("etag").to_owned();
        let mut headers = vec![("prefer", "wait=20")];
        if knows {
            headers.push(("if-none-match", &before));
        }
        let waiting = ask(&app, id, &headers);
        let moving = async {
            // The mark and the status were read when the mark is asked for a second time.
            let trips = app.central.round_trips();
            while app.central.round_trips() < trips + 3 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let other = "UPDATE dbo.M2M_DeviceChange \
                 SET Status = CASE Status WHEN N'PENDING' THEN N'PROCESSING' ELSE N'PENDING' END WHERE BulkChangeId = @P1;";
            app.base.sql.run(other, &[&id]).await;
        };
        let (answer, ()) = tokio::join!(waiting, moving);
        assert_eq!(answer.status, StatusCode::OK, "{knows}");
        assert_eq!(answer.header("preference-applied"), "wait=2");
        assert_eq!(answer.json()["items"][0]["status"], expected);
        assert_ne!(answer.header("etag"), before);
    }
}

#[tokio::test]
async fn when_nothing_changes_the_time_runs_out_in_a_304_or_in_the_same_answer() {
    let app = App::start().await;
    let id = one(&app).await;
    let first = ask(&app, id, &[]).await;
    let tag = first.header("etag");
    let started = Instant::now();
    let same = ask(&app, id, &[("prefer", "wait=1"), ("if-none-match", tag)]).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    assert_eq!(same.header("preference-applied"), "wait=1");
    assert_eq!(for_caches(&same), for_caches(&first));
    assert!(started.elapsed() >= Duration::from_secs(1));
    let (same, trips) = app
        .round_trips(ask(&app, id, &[("prefer", "wait=1")]))
        .await;
    assert_eq!(same.status, StatusCode::OK);
    assert_eq!(same.header("etag"), tag);
    // The whole status at both ends, and the light question in between.
    let most = 3 + Duration::from_secs(1).as_millis() / PATIENCE.every.as_millis();
    assert!(u128::from(trips) <= most, "{trips}");
}

#[tokio::test]
async fn what_the_caller_does_not_know_yet_and_what_is_finished_is_answered_at_once() {
    let app = App::start().await;
    let id = one(&app).await;
    let news = [("prefer", "wait=20"), ("if-none-match", "\"old\"")];
    let (answer, trips) = app.round_trips(ask(&app, id, &news)).await;
    assert_eq!((answer.status, trips), (StatusCode::OK, 2));
    end(&app, id).await;
    let (done, trips) = app
        .round_trips(ask(&app, id, &[("prefer", "wait=20")]))
        .await;
    assert_eq!((done.status, trips), (StatusCode::OK, 2));
    assert_eq!(done.json()["percent"], 100);
    let known = [
        ("prefer", "wait=20"),
        ("if-none-match", done.header("etag")),
    ];
    let (same, trips) = app.round_trips(ask(&app, id, &known)).await;
    assert_eq!((same.status, trips), (StatusCode::NOT_MODIFIED, 2));
}

#[tokio::test]
async fn a_preference_that_is_not_understood_is_passed_over() {
    let app = App::start().await;
    let id = one(&app).await;
    for preference in ["wait=x", "wait=0", "wait", "respond-async", "wait=-5", ";;"] {
        let headers = [("prefer", preference)];
        let (answer, trips) = app.round_trips(ask(&app, id, &headers)).await;
        assert_eq!((answer.status, trips), (StatusCode::OK, 1), "{preference}");
        assert_eq!(answer.header("preference-applied"), "", "{preference}");
    }
}

#[tokio::test]
async fn a_filter_shows_its_devices_and_total_follows_it() {
    let app = App::start().await;
    let mut devices = app.world.add_assignable(2).await;
    devices.push(app.world.iccid(9));
    let request = app.full_request(&devices);
    let id = app.post_association(&request).await.change_id();
    for (outcome, total) in [
        ("waiting", 2),
        ("inWork", 0),
        ("processed", 0),
        ("failed", 1),
        ("inReview", 0),
    ] {
        let answer = app.status_page(id, &format!("?outcome={outcome}")).await;
        let document = answer.json();
        assert_eq!(document["total"], total, "{}", answer.text);
        assert_eq!(document["items"].as_array().map(Vec::len), Some(total));
        assert_eq!(document["counts"][outcome], total);
        assert_eq!(document["counts"]["total"], 3);
        assert_eq!(document["outcome"], outcome);
    }
    let all = app.status(id).await.json();
    assert_eq!((&all["outcome"], &all["total"]), (&Value::Null, &json!(3)));
}

#[tokio::test]
async fn the_estimate_of_the_202_and_of_the_status_count_what_waits_and_say_what_holds_it_up() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1_900).await;
    let finish = |answer: &Answer| {
        let text = answer.json()["estimatedFinish"]
            .as_str()
            .unwrap()
            .to_owned();
        time::OffsetDateTime::parse(&text, &time::format_description::well_known::Rfc3339).unwrap()
    };
    let first = app
        .post_association(&app.full_request(&devices[..950]))
        .await;
    let second = app
        .post_association(&app.full_request(&devices[950..]))
        .await;
    // Each has 950 lines: alone two minutes, side by side four.
    let apart = finish(&second) - finish(&first);
    assert!((110..=135).contains(&apart.whole_seconds()), "{apart}");
    // By now the first one knows of the second.
    let status = app.status(first.change_id()).await;
    let apart = finish(&status) - finish(&second);
    assert!(apart.whole_seconds().abs() <= 10, "{apart}");
    assert_eq!(status.json()["waitsFor"], Value::Null);

    let stop = "UPDATE dbo.RevCallBudget SET StoppedSince = SYSUTCDATETIME() WHERE IntegrationAuthenticationId = @P1;";
    app.base.sql.run(stop, &[&app.world.account.get()]).await;
    let stopped = app.status(first.change_id()).await;
    assert_ne!(stopped.header("etag"), status.header("etag"));
    let stopped = stopped.json();
    assert_eq!(stopped["estimatedFinish"], Value::Null);
    assert_eq!(
        stopped["waitsFor"],
        json!({"code": "rev-account-stopped", "until": null})
    );
}
