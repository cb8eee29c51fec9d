//! INSERT, UPDATE and DELETE of many rows.

use std::time::{Duration, Instant};

use super::*;
use crate::value::{Length, Parameter, SqlType};

#[test]
fn an_update_sees_the_old_state_throughout() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL PRIMARY KEY, A int NOT NULL, B int NOT NULL); INSERT INTO dbo.T VALUES (1, 10, 20), (2, 30, 40)",
    );
    run(
        &mut session,
        "UPDATE dbo.T SET A = B, B = A; UPDATE t SET A = (SELECT SUM(x.A) FROM dbo.T AS x) FROM dbo.T AS t;",
    );
    assert_eq!(
        shown(&mut session, "SELECT A, B FROM dbo.T ORDER BY Id"),
        "60,10|60,30"
    );
}

#[test]
fn an_insert_may_read_the_table_it_writes_to() {
    let mut session =
        session_with("CREATE TABLE dbo.T (Id int NOT NULL); INSERT INTO dbo.T VALUES (1), (2)");
    run(&mut session, "INSERT INTO dbo.T SELECT Id + 10 FROM dbo.T");
    assert_eq!(
        shown(&mut session, "SELECT Id FROM dbo.T ORDER BY Id"),
        "1|2|11|12"
    );
}

#[test]
fn update_with_a_common_table_expression() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL PRIMARY KEY, N int NULL); INSERT INTO dbo.T (Id) VALUES (1), (2), (3)",
    );
    run(
        &mut session,
        "WITH big AS (SELECT Id FROM dbo.T WHERE Id > 1) UPDATE t SET N = 1 FROM dbo.T AS t INNER JOIN big ON big.Id = t.Id;",
    );
    assert_eq!(
        shown(&mut session, "SELECT N FROM dbo.T ORDER BY Id"),
        "NULL|1|1"
    );
    run(
        &mut session,
        "WITH big AS (SELECT Id + 10 AS Id FROM dbo.T WHERE Id > 1) INSERT INTO dbo.T (Id) SELECT Id FROM big;",
    );
    run(
        &mut session,
        "WITH big AS (SELECT Id FROM dbo.T WHERE Id > 10) DELETE t FROM dbo.T AS t INNER JOIN big ON big.Id = t.Id WHERE t.Id = 13;",
    );
    assert_eq!(
        shown(&mut session, "SELECT Id FROM dbo.T ORDER BY Id"),
        "1|2|3|12"
    );
}

#[test]
fn unique_keys_may_be_shifted_by_one_update() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL PRIMARY KEY); INSERT INTO dbo.T VALUES (1), (2), (3)",
    );
    run(&mut session, "UPDATE dbo.T SET Id = Id + 1");
    assert_eq!(
        shown(&mut session, "SELECT Id FROM dbo.T ORDER BY Id"),
        "2|3|4"
    );
    assert_eq!(
        try_run(&mut session, "UPDATE dbo.T SET Id = 9").error_numbers(),
        [2627]
    );
    assert_eq!(
        shown(&mut session, "SELECT Id FROM dbo.T ORDER BY Id"),
        "2|3|4"
    );
}

#[test]
fn the_column_count_must_match() {
    let mut session = session_with("CREATE TABLE dbo.T (A int NULL, B int NULL)");
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (A, B) SELECT 1").error_numbers(),
        [120]
    );
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (A) SELECT 1, 2").error_numbers(),
        [121]
    );
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (A, B) VALUES (1)").error_numbers(),
        [109]
    );
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (A) VALUES (1, 2)").error_numbers(),
        [110]
    );
}

#[test]
fn an_identity_column_cannot_be_given_or_updated() {
    let mut session =
        session_with("CREATE TABLE dbo.T (Id int IDENTITY(1,1) NOT NULL, A int NULL)");
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (Id, A) VALUES (1, 1)").error_numbers(),
        [544]
    );
    assert_eq!(
        try_run(&mut session, "UPDATE dbo.T SET Id = 4").error_numbers(),
        [8102]
    );
}

#[test]
fn variables_can_be_set_by_an_update() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL, A int NOT NULL); INSERT INTO dbo.T VALUES (1, 5)",
    );
    assert_eq!(
        shown(
            &mut session,
            "DECLARE @now int, @old int; UPDATE dbo.T SET @old = A, @now = A = A + 1 WHERE Id = 1; SELECT @old, @now"
        ),
        "5,6"
    );
}

#[test]
fn decimals_dates_and_bytes_come_back_as_they_went_in() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (D decimal(25,4) NULL, At datetime2(3) NULL, Day date NULL, H binary(4) NULL, G uniqueidentifier NULL, F bit NOT NULL)",
    );
    run(
        &mut session,
        "INSERT INTO dbo.T VALUES (12.5, '2026-03-04T05:06:07.1239', '2026-03-04', 0x0102, '6F9619FF-8B86-D011-B42D-00C04FC964FF', 1)",
    );
    assert_eq!(
        shown(&mut session, "SELECT D, At, Day, H, G, F FROM dbo.T"),
        "12.5000,2026-03-04 5:06:07.124,2026-03-04,4 bytes,6f9619ff-8b86-d011-b42d-00c04fc964ff,1"
    );
}

#[test]
fn ten_thousand_rows_are_a_matter_of_milliseconds() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_T PRIMARY KEY, Iccid varchar(50) NOT NULL CONSTRAINT UQ_T UNIQUE, DeviceId int NULL, Text nvarchar(max) NULL); CREATE INDEX IX_T ON dbo.T (DeviceId) WHERE Text IS NULL;",
    );
    let rows: Vec<String> = (0..10_000)
        .map(|i| format!(r#"{{"iccid":"8901{i:08}","deviceId":{i}}}"#))
        .collect();
    let parameter = Parameter {
        name: "@P1".to_owned(),
        sql_type: SqlType::NVarChar(Length::Max),
        value: Value::Text(format!("[{}]", rows.join(","))),
        returned: None,
    };
    let started = Instant::now();
    let mut collected = Collected::default();
    let insert = "INSERT INTO dbo.T (Iccid, DeviceId) OUTPUT inserted.Id, inserted.Iccid SELECT r.Iccid, r.DeviceId FROM OPENJSON(@P1) WITH (Iccid varchar(50) '$.iccid', DeviceId int '$.deviceId') AS r";
    session.execute_sql(insert, std::slice::from_ref(&parameter), &mut collected);
    let insert_took = started.elapsed();
    let update = "SET XACT_ABORT ON; SET NOCOUNT ON; DECLARE @rows TABLE (Iccid varchar(50) NOT NULL PRIMARY KEY, DeviceId int NOT NULL); INSERT INTO @rows SELECT r.Iccid, r.DeviceId FROM OPENJSON(@P1) WITH (Iccid varchar(50) '$.iccid', DeviceId int '$.deviceId') AS r;
        DECLARE @held TABLE (Id bigint NOT NULL PRIMARY KEY, Was int NULL); BEGIN TRANSACTION; UPDATE t SET DeviceId = r.DeviceId + 1, Text = N'x' OUTPUT inserted.Id, deleted.DeviceId INTO @held FROM dbo.T AS t INNER JOIN @rows AS r ON r.Iccid = t.Iccid; COMMIT TRANSACTION; SELECT COUNT(*) FROM @held";
    let started = Instant::now();
    session.execute_sql(update, &[parameter], &mut collected);
    let update_took = started.elapsed();
    assert_eq!(collected.errors, []);
    assert_eq!(collected.sets[0].rows.len(), 10_000);
    assert_eq!(show(collected.rows()), "10000");
    eprintln!("insert {insert_took:?}, update {update_took:?}");
    // Two orders of magnitude above what it takes, so that only a wrong plan (a scan per row) fails.
    assert!(
        insert_took + update_took < Duration::from_secs(20),
        "insert {insert_took:?}, update {update_took:?}"
    );
}
