//! The same Idempotency-Key and request gets the same answer (G4).

use axum::http::StatusCode;
use futures::future::join_all;
use local::sign_in::Claims;

use crate::app::App;

#[tokio::test]
async fn the_same_key_and_request_gets_the_same_answer_and_writes_nothing_more() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(2).await);
    let first = app.posting(&request).key("one").send().await;
    let sent = app.queue.sent().len();
    let (again, trips) = app
        .round_trips(app.posting(&request).key("one").send())
        .await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text);
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(trips, 1);
    assert_eq!(app.bulk_changes().await, 1);
    assert_eq!(app.queue.sent().len(), sent);
}

#[tokio::test]
async fn the_same_key_with_another_request_is_a_422() {
    let app = App::start().await;
    let devices = app.world.add_assignable(2).await;
    let first = app.posting(&app.request(&devices[..1])).key("one");
    assert_eq!(first.send().await.status, StatusCode::ACCEPTED);
    let other = app
        .posting(&app.request(&devices[1..]))
        .key("one")
        .send()
        .await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.problem(), "/problems/idempotency-key-reused");
    assert_eq!(app.bulk_changes().await, 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_user() {
    let app = App::start().await;
    let devices = app.world.add_assignable(2).await;
    let mine = app.posting(&app.request(&devices[..1])).key("one");
    let mine = mine.send().await.change_id();
    let tenant = i64::from(app.world.tenant.get());
    let other = app
        .sign_in
        .token(&Claims::of(tenant, 8).for_all_customers());
    let theirs = app
        .posting(&app.request(&devices[1..]))
        .key("one")
        .token(other)
        .send()
        .await;
    assert_ne!(theirs.change_id(), mine);
}

#[tokio::test]
async fn only_a_202_is_stored() {
    let app = App::start().await;
    let request = app.request(&[app.world.iccid(1)]);
    let refused = app.posting(&request).key("one").send().await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    app.world.add_assignable(1).await;
    let accepted = app.posting(&request).key("one").send().await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{}", accepted.text);
}

#[tokio::test]
async fn fifty_at_once_with_the_same_key_make_one_bulk_change_and_get_one_answer() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(5).await);
    let answers = join_all((0..50).map(|_| app.posting(&request).key("one").send())).await;
    let mut accepted = Vec::new();
    for answer in answers {
        match answer.status {
            StatusCode::ACCEPTED => accepted.push(answer),
            // Still being written: the caller is told to ask again.
            StatusCode::CONFLICT => {
                assert_eq!(answer.problem(), "/problems/still-running");
                assert_ne!(answer.header("retry-after"), "");
                accepted.push(app.posting(&request).key("one").send().await);
            }
            _ => panic!("{}: {}", answer.status, answer.text),
        }
    }
    let fresh = accepted
        .iter()
        .filter(|answer| answer.header("idempotent-replayed").is_empty());
    assert_eq!(fresh.count(), 1);
    for answer in &accepted {
        assert_eq!(answer.text, accepted[0].text);
    }
    assert_eq!(app.bulk_changes().await, 1);
    assert_eq!(app.queue.sent().len(), 1);
}

#[tokio::test]
async fn fifty_at_once_for_the_same_device_without_a_key_make_one_bulk_change() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(1).await);
    let answers = join_all((0..50).map(|_| app.post_association(&request))).await;
    let accepted = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::ACCEPTED);
    assert_eq!(accepted.count(), 1);
    for answer in &answers {
        if answer.status != StatusCode::ACCEPTED {
            assert_eq!(
                answer.json()["rejected"][0]["code"],
                "unfinished-change",
                "{}",
                answer.text
            );
        }
    }
    assert_eq!(app.bulk_changes().await, 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_used_is_a_400() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(1).await);
    for key in ["", "   ", &"x".repeat(256)] {
        let answer = app.posting(&request).key(key).send().await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{key}");
        assert_eq!(answer.problem(), "/problems/invalid-idempotency-key");
    }
    app.assert_nothing_written("bad keys").await;
}
