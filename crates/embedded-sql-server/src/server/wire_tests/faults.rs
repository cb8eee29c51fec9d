//! Faults as a client meets them.

use std::{sync::atomic::Ordering, time::Duration};

use super::{code, connect, connect_with, scripted, until};
use crate::faults::{Action, Trigger};

#[tokio::test]
async fn dropped_before_leaves_the_statement_undone() {
    let (server, seen) = scripted().await;
    let mut client = connect(&server).await;
    server
        .faults()
        .add(Trigger::matching("AFFECT 1"), Action::DropBefore);
    client.execute("affect 2 2", &[]).await.unwrap();
    assert!(client.execute("affect 1 1", &[]).await.is_err());
    until(|| seen.dropped.load(Ordering::SeqCst) == 1).await;
    assert_eq!(*seen.requests.lock().unwrap(), ["affect 2 2"]);
}

#[tokio::test]
async fn dropped_after_leaves_the_statement_done() {
    let (server, seen) = scripted().await;
    let mut client = connect(&server).await;
    server.faults().add(Trigger::Nth(1), Action::DropAfter);
    assert!(client.execute("affect 1 1", &[]).await.is_err());
    assert_eq!(*seen.requests.lock().unwrap(), ["affect 1 1"]);
    assert_eq!(server.faults().struck(), 1);
}

#[tokio::test]
async fn dropped_midway_leaves_the_beginning_of_an_answer() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    server.faults().add(Trigger::Nth(1), Action::DropMidway);
    let answer = client.simple_query("rows 20000").await.unwrap();
    assert!(answer.into_results().await.is_err());
    // A short answer is whole, and the connection gone.
    let mut client = connect(&server).await;
    server.faults().add(Trigger::Nth(1), Action::DropMidway);
    let answer = client.simple_query("rows 2").await.unwrap();
    assert_eq!(answer.into_results().await.unwrap()[0].len(), 2);
    assert!(client.execute("affect 1 1", &[]).await.is_err());
}

#[tokio::test]
async fn faults_answer_with_their_error_once() {
    let (server, seen) = scripted().await;
    let mut client = connect(&server).await;
    for number in [1205, 40_613, 1222] {
        server
            .faults()
            .add(Trigger::Nth(1), Action::Error { number });
        let error = client.execute("affect 1 1", &[]).await.unwrap_err();
        assert_eq!(code(&error), Some(number.cast_unsigned()));
        assert!(client.execute("affect 1 1", &[]).await.is_ok());
    }
    assert_eq!(seen.requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_busy_service_says_so_and_hangs_up() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    server
        .faults()
        .add(Trigger::Nth(1), Action::Error { number: 40_501 });
    assert_eq!(
        code(&client.execute("affect 1 1", &[]).await.unwrap_err()),
        Some(40_501)
    );
    assert!(client.execute("affect 1 1", &[]).await.is_err());
}

#[tokio::test]
async fn a_deadlock_victim_has_lost_its_transaction() {
    let (server, seen) = scripted().await;
    let mut client = connect(&server).await;
    client
        .simple_query("BEGIN TRANSACTION")
        .await
        .unwrap()
        .into_results()
        .await
        .unwrap();
    server
        .faults()
        .add(Trigger::Nth(1), Action::Error { number: 1205 });
    assert_eq!(
        code(&client.execute("affect 1 1", &[]).await.unwrap_err()),
        Some(1205)
    );
    assert_eq!(
        *seen.requests.lock().unwrap(),
        ["BEGIN TRANSACTION", "ROLLBACK TRANSACTION"]
    );
}

#[tokio::test]
async fn silence_lasts_until_the_client_gives_up() {
    let (server, seen) = scripted().await;
    for (action, done) in [(Action::Silence, 0), (Action::SilenceAfter, 1)] {
        let mut client = connect(&server).await;
        server.faults().add(Trigger::Nth(1), action);
        let answer = tokio::time::timeout(
            Duration::from_millis(100),
            client.execute("affect 1 1", &[]),
        )
        .await;
        assert!(answer.is_err());
        assert_eq!(seen.requests.lock().unwrap().len(), done);
    }
}

#[tokio::test]
async fn a_delayed_statement_is_done_later() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    server
        .faults()
        .add(Trigger::Nth(1), Action::Delay(Duration::from_millis(60)));
    let start = std::time::Instant::now();
    client.execute("affect 1 1", &[]).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn logins_and_connections_are_refused_and_accepted_again() {
    let (server, _) = scripted().await;
    let text = server.connection_string();
    server.faults().refuse_logins(true);
    assert_eq!(code(&connect_with(&text).await.unwrap_err()), Some(18_456));
    server.faults().refuse_logins_with(Some(40_613));
    assert_eq!(code(&connect_with(&text).await.unwrap_err()), Some(40_613));
    server.faults().refuse_connections(true);
    assert_eq!(code(&connect_with(&text).await.unwrap_err()), None);
    server.faults().clear();
    connect_with(&text).await.unwrap();
}

#[tokio::test]
async fn all_connections_are_cut_at_once_and_new_ones_work() {
    let (server, seen) = scripted().await;
    let mut clients = vec![connect(&server).await, connect(&server).await];
    server.faults().cut_all();
    for client in &mut clients {
        assert!(client.execute("affect 1 1", &[]).await.is_err());
    }
    until(|| seen.dropped.load(Ordering::SeqCst) == 2).await;
    let mut client = connect(&server).await;
    client.execute("affect 1 1", &[]).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_cut_within_is_no_answer() {
    let (server, seen) = scripted().await;
    let ask = async |action: Option<Action>| {
        let mut client = connect(&server).await;
        if let Some(action) = action {
            server.faults().add(Trigger::Nth(1), action);
        }
        let answer = client.simple_query("rows 2").await?;
        answer.into_results().await
    };
    let whole = ask(None).await.unwrap();
    let mut bytes = 0;
    let answered = loop {
        match ask(Some(Action::DropWithin { bytes })).await {
            Err(_) => bytes += 1,
            Ok(answered) => break answered,
        }
    };
    // Every place within was one, and the first that is not is the end.
    assert!(bytes > 30, "{bytes} bytes");
    assert_eq!(answered[0].len(), whole[0].len());
    assert_eq!(seen.requests.lock().unwrap().len(), bytes + 2);
}

#[tokio::test]
async fn an_error_after_the_effect_and_an_answer_that_is_late() {
    let (server, seen) = scripted().await;
    let mut client = connect(&server).await;
    let number = 40_143;
    server
        .faults()
        .add(Trigger::Nth(1), Action::ErrorAfter { number });
    let error = client.execute("affect 1 1", &[]).await.unwrap_err();
    assert_eq!(code(&error), Some(40_143));
    assert_eq!(*seen.requests.lock().unwrap(), ["affect 1 1"]);
    let delay = Duration::from_millis(60);
    server
        .faults()
        .add(Trigger::Nth(1), Action::DelayAfter(delay));
    let start = std::time::Instant::now();
    client.execute("affect 2 2", &[]).await.unwrap();
    assert!(start.elapsed() >= delay);
    assert_eq!(seen.requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_asked_of_an_interrupted_connection_is_told() {
    let (server, _) = scripted().await;
    let interrupted = || {
        let interrupted = server.interrupted();
        (interrupted.connections(), interrupted.asked_again())
    };
    let mut other = connect(&server).await;
    let mut client = connect(&server).await;
    client.execute("affect 1 1", &[]).await.unwrap();
    assert_eq!(interrupted(), (0, vec![]));
    // By a fault, or by an error that a statement runs into by itself.
    server
        .faults()
        .add(Trigger::Nth(1), Action::Error { number: 1205 });
    client.execute("affect 1 1", &[]).await.unwrap_err();
    assert_eq!(interrupted(), (1, vec![]));
    client.execute("affect 2 2", &[]).await.unwrap();
    assert_eq!(interrupted(), (1, vec!["affect 2 2".to_owned()]));
    other.execute("fail 547", &[]).await.unwrap_err();
    assert_eq!(interrupted().0, 2);
}
