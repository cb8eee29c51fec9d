//! Transactions over the wire: what a connection leaves behind, and what it does not.

use super::{connect, error_of, number, run, server};

async fn until_counted(client: &mut super::Tiberius, expected: i32) {
    tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while number(client, "SELECT COUNT(*) FROM dbo.T;").await != expected {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the count comes true");
}

#[tokio::test]
async fn a_transaction_spans_requests_and_is_committed() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(&mut client, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(&mut client, "BEGIN TRAN").await;
    run(&mut client, "INSERT INTO dbo.T (Id) VALUES (1)").await;
    client
        .execute("INSERT INTO dbo.T (Id) VALUES (@P1)", &[&2])
        .await
        .unwrap();
    assert_eq!(number(&mut client, "SELECT @@TRANCOUNT").await, 1);
    run(&mut client, "COMMIT").await;
    let mut other = connect(&server).await;
    assert_eq!(number(&mut other, "SELECT COUNT(*) FROM dbo.T;").await, 2);
}

#[tokio::test]
async fn a_connection_that_goes_away_rolls_its_transaction_back() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(&mut client, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(
        &mut client,
        "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (1);",
    )
    .await;
    drop(client);
    let mut other = connect(&server).await;
    until_counted(&mut other, 0).await;
}

#[tokio::test]
async fn a_cut_connection_rolls_its_transaction_back_and_gives_the_lock_free() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(&mut client, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(
        &mut client,
        "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (1);",
    )
    .await;
    server.faults().cut_all();
    assert!(client.simple_query("SELECT 1").await.is_err());
    let mut other = connect(&server).await;
    run(&mut other, "INSERT INTO dbo.T (Id) VALUES (7);").await;
    until_counted(&mut other, 1).await;
}

#[tokio::test]
async fn a_waiting_statement_ends_with_1222_after_its_lock_timeout() {
    let server = server().await;
    let mut holder = connect(&server).await;
    run(&mut holder, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(
        &mut holder,
        "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (1);",
    )
    .await;
    let mut waiter = connect(&server).await;
    let refused = error_of(
        &mut waiter,
        "SET LOCK_TIMEOUT 50; INSERT INTO dbo.T (Id) VALUES (2);",
    )
    .await;
    assert_eq!(refused, Some(1222));
    run(&mut holder, "COMMIT").await;
    run(&mut waiter, "INSERT INTO dbo.T (Id) VALUES (2);").await;
    assert_eq!(number(&mut waiter, "SELECT COUNT(*) FROM dbo.T;").await, 2);
}

#[tokio::test]
async fn a_waiting_statement_goes_on_when_the_other_transaction_ends() {
    let server = server().await;
    let mut holder = connect(&server).await;
    run(&mut holder, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(
        &mut holder,
        "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (1);",
    )
    .await;
    let mut waiter = connect(&server).await;
    let waiting = tokio::spawn(async move {
        run(&mut waiter, "INSERT INTO dbo.T (Id) VALUES (2);").await;
        number(&mut waiter, "SELECT COUNT(*) FROM dbo.T;").await
    });
    run(&mut holder, "INSERT INTO dbo.T (Id) VALUES (3); COMMIT;").await;
    assert_eq!(waiting.await.unwrap(), 3);
}

#[tokio::test]
async fn the_wait_of_a_client_that_leaves_ends_with_it() {
    let server = server().await;
    let mut holder = connect(&server).await;
    run(&mut holder, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    run(
        &mut holder,
        "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (1);",
    )
    .await;
    let mut waiter = connect(&server).await;
    let waiting =
        tokio::spawn(
            async move { error_of(&mut waiter, "INSERT INTO dbo.T (Id) VALUES (2);").await },
        );
    until(|| server.faults().statements() == 3).await;
    waiting.abort();
    until(|| server.sessions() == 1).await;
    run(&mut holder, "COMMIT").await;
    assert_eq!(number(&mut holder, "SELECT COUNT(*) FROM dbo.T;").await, 1);
}

async fn until(condition: impl Fn() -> bool) {
    tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the condition comes true");
}
