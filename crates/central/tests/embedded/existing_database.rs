//! `migrate changes` on an AltaworxCentral that somebody else made.

use crate::support::{Sql, empty, settings};
use central::migrate::{self, MigrateError, Outcome, Report, Which};
use embedded_sql_server::server::Server;

/// The database, and a connection to it.
async fn existing() -> (Server, String, Sql) {
    let (server, text) = empty().await;
    let sql = Sql::connect(&text).await;
    for batch in crate::existing::batches() {
        sql.run(&batch, &[]).await;
    }
    (server, text, sql)
}

/// Every object with its columns and parameters that is not ours, and when it was changed.
async fn theirs(sql: &Sql) -> Vec<String> {
    sql.texts(
        "SELECT CONCAT(o.type, N' ', o.name, N' ', o.object_id, N' ', CONVERT(nvarchar(30), o.modify_date, 121)) FROM sys.objects AS o
         WHERE o.type <> 'D' AND (o.create_date < (SELECT MIN(t.create_date) FROM sys.tables AS t WHERE t.name = N'BulkChangeMigrations')
            OR NOT EXISTS (SELECT 1 FROM sys.tables AS t WHERE t.name = N'BulkChangeMigrations'))
         UNION ALL
         SELECT CONCAT(t.name, N'.', c.name, N' ', c.system_type_id, N' ', c.max_length, N' ', c.is_nullable) FROM sys.tables AS t
         INNER JOIN sys.columns AS c ON c.object_id = t.object_id
         WHERE t.create_date < (SELECT MIN(m.create_date) FROM sys.tables AS m WHERE m.name = N'BulkChangeMigrations')
            OR NOT EXISTS (SELECT 1 FROM sys.tables AS m WHERE m.name = N'BulkChangeMigrations')
         UNION ALL
         SELECT CONCAT(p.name, N' ', a.name, N' ', a.system_type_id) FROM sys.procedures AS p
         INNER JOIN sys.parameters AS a ON a.object_id = p.object_id
         ORDER BY 1",
        &[],
    )
    .await
    .into_iter()
    .map(Option::unwrap)
    .collect()
}

/// The words of a run that is refused.
async fn refusal(text: &str) -> String {
    let error = migrate::apply(settings(text), Which::Changes)
        .await
        .unwrap_err();
    assert!(matches!(error, MigrateError::Unfit(_)), "{error}");
    error.to_string()
}

async fn tables(sql: &Sql) -> i64 {
    sql.count("SELECT COUNT_BIG(*) FROM sys.tables", &[]).await
}

#[tokio::test]
async fn what_is_ours_is_laid_down_and_what_is_theirs_stays_as_it_was() {
    let (server, text, sql) = existing().await;
    let before = theirs(&sql).await;
    // Whatever is made from now on is younger than what was there.
    server
        .database()
        .clock()
        .advance(std::time::Duration::from_mins(1));
    let report = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    assert_eq!(report.skipped(), 3);
    for (file, outcome) in report.files() {
        if file.starts_with("changes/procedures/") {
            assert!(matches!(outcome, Outcome::Skipped { .. }), "{file}");
        } else {
            assert_eq!(*outcome, Outcome::Applied, "{file}");
        }
    }
    assert_eq!(theirs(&sql).await, before);
    assert_eq!(
        sql.count(
            "SELECT COUNT_BIG(*) FROM dbo.Device WHERE LegacyNote = N'was there'",
            &[]
        )
        .await,
        1
    );

    let again = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    assert_eq!(again.applied(), 0);
    assert_eq!(theirs(&sql).await, before);
}

#[tokio::test]
async fn two_runs_at_once_on_it_lay_each_file_down_once() {
    let (_server, text, _sql) = existing().await;
    let (one, two) = tokio::join!(
        migrate::apply(settings(&text), Which::Changes),
        migrate::apply(settings(&text), Which::Changes),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(
        one.applied() + two.applied(),
        one.files().len() - one.skipped()
    );
}

#[tokio::test]
async fn the_tables_of_altaworx_central_are_refused_on_it() {
    let (_server, text, sql) = existing().await;
    let before = tables(&sql).await;
    for which in [Which::Central, Which::Both] {
        let error = migrate::apply(settings(&text), which).await.unwrap_err();
        assert!(matches!(error, MigrateError::Foreign), "{error}");
        assert!(error.to_string().contains("`changes` only"), "{error}");
    }
    assert_eq!(tables(&sql).await, before);
}

#[tokio::test]
async fn everything_that_is_missing_is_told_by_name_before_anything_is_applied() {
    let (_server, text, sql) = existing().await;
    sql.run(
        "DROP TABLE dbo.RevService; DROP TABLE dbo.User_Role_Site;",
        &[],
    )
    .await;
    sql.run(
        "CREATE TABLE dbo.User_Role_Site (id int NOT NULL, UserId int NOT NULL, SiteId int NULL, TenantId int NOT NULL, IsActive bit NOT NULL);",
        &[],
    )
    .await;
    sql.run("DROP TABLE dbo.DeviceActionHistory;", &[]).await;
    let history = crate::existing::batches()
        .into_iter()
        .find(|batch| batch.contains("dbo.DeviceActionHistory"))
        .unwrap()
        .replace("CHANGEDFIELD nvarchar(250)", "CHANGEDFIELD nvarchar(20)")
        .replace("LegacyNote nvarchar(100) NULL", "Region int NOT NULL");
    sql.run(&history, &[]).await;
    let before = tables(&sql).await;
    let words = refusal(&text).await;
    for expected in [
        "nothing was applied",
        "table dbo.RevService is missing\n",
        "column dbo.User_Role_Site.UserId is int, needed is bigint\n",
        "column dbo.User_Role_Site.IsDeleted is missing (bit)\n",
        "column dbo.DeviceActionHistory.ChangedField holds 20 characters, written are up to 250\n",
        "column dbo.DeviceActionHistory.Region takes no NULL and has no default",
        "infra/sql/central shows each table",
    ] {
        assert!(words.contains(expected), "`{expected}` is not in:\n{words}");
    }
    assert_eq!(tables(&sql).await, before, "not even our own record");
}

#[tokio::test]
async fn a_procedure_that_cannot_be_called_is_told_before_anything_is_applied() {
    let (_server, text, sql) = existing().await;
    sql.run(
        "ALTER PROCEDURE dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange (@id bigint, @apiCallResult bit, @statusDetails nvarchar(max)) AS SELECT 1 AS one;",
        &[],
    )
    .await;
    sql.run(
        "ALTER PROCEDURE dbo.usp_UpdateCrossProviderDeviceHistory (@day date, @deviceIds nvarchar(max)) AS SELECT 1 AS one;",
        &[],
    )
    .await;
    let words = refusal(&text).await;
    for expected in [
        "procedure dbo.usp_UpdateCrossProviderDeviceHistory has 2 parameters, and is called with 6 by position",
        "procedure dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange has no parameter @ChangeId, and is called with it by name",
    ] {
        assert!(words.contains(expected), "`{expected}` is not in:\n{words}");
    }
}

#[tokio::test]
async fn a_run_that_fails_midway_says_what_was_applied_and_goes_on_when_the_cause_is_gone() {
    let (_server, text, sql) = existing().await;
    // A table of somebody else under a name of ours.
    sql.run("CREATE TABLE dbo.BulkChangeOutbox (id int NOT NULL);", &[])
        .await;
    let error = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap_err();
    let words = error.to_string();
    for expected in [
        "changes/0003_bulk_change_outbox.sql failed and was rolled back",
        "kept: changes/0001_bulk_change_work.sql, changes/0002_device_change_work.sql.",
        "Not tried: changes/0004_bulk_change_request_key.sql, changes/0005_rev_call_budget.sql",
    ] {
        assert!(words.contains(expected), "`{expected}` is not in:\n{words}");
    }
    sql.run("DROP TABLE dbo.BulkChangeOutbox;", &[]).await;
    let report = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    assert_eq!(report.already_there(), 2);
}

#[tokio::test]
async fn rights_come_after_the_tables_and_can_be_laid_down_again() {
    let (server, text, _sql) = existing().await;
    let error = migrate::rights(settings(&text)).await.unwrap_err();
    assert!(matches!(error, MigrateError::RightsBeforeTables), "{error}");
    migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    let mut granted = Vec::new();
    for _ in 0..2 {
        let report = migrate::rights(settings(&text)).await.unwrap();
        assert_eq!(report.applied(), 3);
        granted.push(
            server
                .database()
                .rights_granted("device_association_consumer"),
        );
    }
    assert_eq!(granted[0], granted[1]);
    let calls: Vec<String> = granted[0]
        .iter()
        .map(ToString::to_string)
        .filter(|right| right.starts_with("EXECUTE"))
        .collect();
    assert_eq!(
        calls,
        [
            "EXECUTE ON dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange",
            "EXECUTE ON dbo.usp_UpdateCrossProviderDeviceHistory",
            "EXECUTE ON dbo.usp_UpdateDevice_RevServiceLinks",
        ]
    );
}

fn missing(report: &Report) -> Vec<&'static str> {
    let indexes = report.missing_indexes().iter();
    indexes.map(|index| index.name).collect()
}

#[tokio::test]
async fn an_index_that_hot_statements_need_and_nobody_made_is_told_and_refuses_nothing() {
    let (_server, text, sql) = existing().await;
    let report = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    for name in [
        "IX_Device_ICCID",
        "IX_RevService_Number",
        "IX_M2M_DeviceChange_BulkChangeId",
        "IX_DeviceBulkChangeLog_BulkChangeId",
    ] {
        assert!(missing(&report).contains(&name), "{name}: {report}");
    }
    assert!(
        !missing(&report).contains(&"UQ_Device_Tenant_Device"),
        "their key begins with the device, whatever its name: {report}"
    );
    let words = "slow           no index dbo.Device (ICCID, …) as IX_Device_ICCID: each submit";
    assert!(report.to_string().contains(words), "{report}");

    let before = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    sql.run("CREATE INDEX theirs ON dbo.DEVICE (iccid, LegacyFlag)", &[])
        .await;
    let after = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    let mut expected = missing(&before);
    expected.retain(|name| *name != "IX_Device_ICCID");
    assert_eq!(missing(&after), expected);
}

#[tokio::test]
async fn the_tables_that_we_lay_down_have_every_index_that_hot_statements_need() {
    let (_server, text) = empty().await;
    migrate::apply(settings(&text), Which::Both).await.unwrap();
    let report = migrate::apply(settings(&text), Which::Changes)
        .await
        .unwrap();
    assert_eq!(missing(&report), [""; 0]);
}
