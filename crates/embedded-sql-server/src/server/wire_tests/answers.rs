//! Result sets, counts, errors and transactions in answers.

use super::{code, connect, scripted};

#[tokio::test]
async fn a_batch_is_answered_with_all_its_result_sets() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let sets = client
        .simple_query("two sets")
        .await
        .unwrap()
        .into_results()
        .await
        .unwrap();
    let numbers: Vec<_> = sets.iter().map(|rows| rows[0].get::<i32, _>("n")).collect();
    assert_eq!(numbers, [Some(1), Some(2)]);
}

#[tokio::test]
async fn a_hundred_thousand_rows_arrive_in_order() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let rows = client
        .simple_query("rows 100000")
        .await
        .unwrap()
        .into_first_result()
        .await
        .unwrap();
    assert_eq!(rows.len(), 100_000);
    assert!(
        rows.iter()
            .zip(0..)
            .all(|(row, number)| row.get::<i32, _>(0) == Some(number))
    );
    assert_eq!(rows[99_999].get::<&str, _>(1), Some("row 99999"));
}

#[tokio::test]
async fn counts_are_told_for_counted_statements_alone() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let result = client.execute("affect 3 5", &[]).await.unwrap();
    assert_eq!(result.rows_affected(), [3, 5]);
}

#[tokio::test]
async fn an_error_carries_number_state_class_line_and_procedure() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let error = client.execute("fail 50123", &[]).await.unwrap_err();
    let tiberius::error::Error::Server(error) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (error.code(), error.state(), error.class(), error.line()),
        (50_123, 3, 14, 7)
    );
    assert_eq!(
        (error.message(), error.procedure()),
        ("what went wrong: ä", "dbo.P")
    );
    // The connection is of use after it.
    assert_eq!(client.execute("affect 1 1", &[]).await.unwrap().total(), 2);
}

#[tokio::test]
async fn a_row_that_cannot_be_sent_is_an_error_and_not_a_broken_stream() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let error = client
        .simple_query("wrong row")
        .await
        .unwrap()
        .into_results()
        .await
        .unwrap_err();
    assert_eq!(code(&error), Some(40_000));
    assert_eq!(client.execute("affect 1 1", &[]).await.unwrap().total(), 2);
}

#[tokio::test]
async fn a_client_learns_of_its_transaction_and_goes_on() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    for end in ["COMMIT TRANSACTION", "ROLLBACK TRANSACTION"] {
        client
            .simple_query("BEGIN TRANSACTION")
            .await
            .unwrap()
            .into_results()
            .await
            .unwrap();
        let row = client
            .simple_query("descriptor")
            .await
            .unwrap()
            .into_row()
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.get::<i64, _>(0), Some(77));
        client
            .simple_query(end)
            .await
            .unwrap()
            .into_results()
            .await
            .unwrap();
    }
}
