//! The migration runner, on fresh databases of the embedded server.

use crate::support::{Sql, empty, settings};
use central::migrate::{self, MigrateError, Outcome, Which};

#[tokio::test]
async fn a_second_run_applies_nothing() {
    let (_server, text) = empty().await;
    let first = migrate::apply(settings(&text), Which::Both).await.unwrap();
    assert_eq!(first.applied(), first.files().len());
    let second = migrate::apply(settings(&text), Which::Both).await.unwrap();
    assert_eq!(second.already_there(), first.files().len());
    assert_eq!(second.applied(), 0);
    assert!(
        first
            .to_string()
            .contains("applied        central/0001_integration.sql")
    );
    assert!(second.to_string().contains("0 applied"));
}

/// What a roll back meets: the release that is rolled back has left a file that this one does not have, and what it added.
#[tokio::test]
async fn a_database_that_is_ahead_of_the_files_is_left_as_it_is() {
    let (_server, text) = empty().await;
    let first = migrate::apply(settings(&text), Which::Both).await.unwrap();
    let sql = Sql::connect(&text).await;
    sql.run(
        "ALTER TABLE dbo.BulkChangeWork ADD OfALaterRelease nvarchar(20) NULL;",
        &[],
    )
    .await;
    sql.run(
        "INSERT INTO dbo.BulkChangeMigrations (Name, Checksum) VALUES (N'changes/9999_later.sql', REPLICATE('0', 64));",
        &[],
    )
    .await;
    let behind = migrate::apply(settings(&text), Which::Both).await.unwrap();
    assert_eq!(
        (behind.applied(), behind.already_there()),
        (0, first.files().len())
    );
    migrate::rights(settings(&text)).await.unwrap();
    let kept =
        "SELECT COUNT_BIG(*) FROM dbo.BulkChangeMigrations WHERE Name = N'changes/9999_later.sql'";
    assert_eq!(sql.count(kept, &[]).await, 1);
}

#[tokio::test]
async fn a_file_that_was_changed_after_it_was_applied_is_refused() {
    let (_server, text) = empty().await;
    migrate::apply(settings(&text), Which::Central)
        .await
        .unwrap();
    let sql = Sql::connect(&text).await;
    sql.run(
        "UPDATE dbo.BulkChangeMigrations SET Checksum = REPLICATE('0', 64) WHERE Name = N'central/0003_service_provider.sql';",
        &[],
    )
    .await;
    let error = migrate::apply(settings(&text), Which::Both)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            MigrateError::Changed("central/0003_service_provider.sql")
        ),
        "{error}"
    );
}

#[tokio::test]
async fn the_tables_of_altaworx_central_are_refused_where_somebody_else_made_them() {
    let (_server, text) = empty().await;
    let sql = Sql::connect(&text).await;
    sql.run("CREATE TABLE dbo.Device (id int NOT NULL);", &[])
        .await;
    let error = migrate::apply(settings(&text), Which::Both)
        .await
        .unwrap_err();
    assert!(matches!(error, MigrateError::Foreign), "{error}");
    assert_eq!(
        sql.count("SELECT COUNT_BIG(*) FROM sys.tables", &[]).await,
        1
    );
}

#[tokio::test]
async fn a_procedure_that_the_database_has_is_left_alone() {
    let (_server, text) = empty().await;
    migrate::apply(settings(&text), Which::Central)
        .await
        .unwrap();
    let sql = Sql::connect(&text).await;
    sql.run(
        "CREATE PROCEDURE dbo.usp_UpdateDevice_RevServiceLinks AS BEGIN SET NOCOUNT ON; END;",
        &[],
    )
    .await;
    let report = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    let skipped: Vec<_> = report
        .files()
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Skipped { .. }))
        .collect();
    assert_eq!(
        skipped,
        [&(
            "changes/procedures/UPDATE_DEVICE_REV_SERVICE_LINKS.sql",
            Outcome::Skipped {
                procedure: "usp_UpdateDevice_RevServiceLinks"
            }
        )]
    );
    assert_eq!(report.applied(), report.files().len() - 1);
}

#[tokio::test]
async fn two_runs_at_once_leave_one_database() {
    let (_server, text) = empty().await;
    migrate::apply(settings(&text), Which::Central)
        .await
        .unwrap();
    let (one, two) = tokio::join!(
        migrate::apply(settings(&text), Which::Changes),
        migrate::apply(settings(&text), Which::Changes),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.applied() + two.applied(), one.files().len());
    assert_eq!(one.skipped() + two.skipped(), 0);
}
