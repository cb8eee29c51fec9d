//! Faults with an engine behind them: what is done stays done, what is not done is not there.

use embedded_sql_server::faults::{Action, Trigger};

use super::{connect, error_of, number, run, server};

#[tokio::test]
async fn dropped_before_has_no_effect_and_dropped_after_has() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(&mut client, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    for (action, expected) in [(Action::DropBefore, 0), (Action::DropAfter, 1)] {
        server
            .faults()
            .add(Trigger::matching("INSERT INTO dbo.T"), action);
        let mut victim = connect(&server).await;
        let lost = victim
            .execute("INSERT INTO dbo.T (Id) VALUES (@P1);", &[&1])
            .await;
        assert!(lost.is_err());
        assert_eq!(
            number(&mut client, "SELECT COUNT(*) FROM dbo.T;").await,
            expected
        );
    }
    assert_eq!(server.faults().struck(), 2);
}

#[tokio::test]
async fn a_deadlock_takes_the_whole_transaction_and_the_connection_stays() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(&mut client, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(
        &mut client,
        "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (1);",
    )
    .await;
    server
        .faults()
        .add(Trigger::Nth(1), Action::Error { number: 1205 });
    assert_eq!(
        error_of(&mut client, "INSERT INTO dbo.T (Id) VALUES (2);").await,
        Some(1205)
    );
    assert_eq!(number(&mut client, "SELECT @@TRANCOUNT").await, 0);
    assert_eq!(number(&mut client, "SELECT COUNT(*) FROM dbo.T;").await, 0);
}

#[tokio::test]
async fn another_error_leaves_the_transaction_open() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(&mut client, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(
        &mut client,
        "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (1);",
    )
    .await;
    server
        .faults()
        .add(Trigger::Nth(1), Action::Error { number: 1222 });
    assert_eq!(
        error_of(&mut client, "INSERT INTO dbo.T (Id) VALUES (2);").await,
        Some(1222)
    );
    run(&mut client, "COMMIT").await;
    assert_eq!(number(&mut client, "SELECT COUNT(*) FROM dbo.T;").await, 1);
}

#[tokio::test]
async fn stopping_in_the_middle_of_a_transaction_rolls_it_back() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(&mut client, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(
        &mut client,
        "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (1);",
    )
    .await;
    let database = server.database().clone();
    server.stop().await;
    let again = embedded_sql_server::server::Server::start(
        embedded_sql_server::server::Options::new(database),
    )
    .await
    .unwrap();
    let mut client = connect(&again).await;
    assert_eq!(number(&mut client, "SELECT COUNT(*) FROM dbo.T;").await, 0);
}
