//! Transactions, what undoes what, and waiting for one another.

use std::sync::mpsc;
use std::time::Duration;

use super::*;

const TABLE: &str = "CREATE TABLE dbo.T (Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_T PRIMARY KEY, Code int NOT NULL CONSTRAINT UQ_T UNIQUE);";

#[test]
fn rollback_takes_everything_back() {
    let mut session = session_with(TABLE);
    let collected = run(
        &mut session,
        "BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1); CREATE TABLE dbo.New (Id int NOT NULL); ROLLBACK TRAN; SELECT COUNT(*), OBJECT_ID(N'dbo.New', N'U'), @@TRANCOUNT FROM dbo.T;",
    );
    assert_eq!(show(collected.rows()), "0,NULL,0");
    assert_eq!(collected.transactions, [None, Some(false)]);
}

#[test]
fn an_inner_commit_commits_nothing_and_rollback_ends_all() {
    let mut session = session_with(TABLE);
    let collected = run(
        &mut session,
        "BEGIN TRAN; BEGIN TRANSACTION; INSERT INTO dbo.T (Code) VALUES (1); COMMIT; SELECT @@TRANCOUNT; ROLLBACK; SELECT @@TRANCOUNT, (SELECT COUNT(*) FROM dbo.T);",
    );
    assert_eq!(show(&collected.sets[0].rows), "1");
    assert_eq!(show(&collected.sets[1].rows), "0,0");
}

#[test]
fn commit_and_rollback_without_transaction_are_3902_and_3903() {
    let mut session = database().session();
    assert_eq!(
        try_run(&mut session, "COMMIT; SELECT 1").error_numbers(),
        [3902]
    );
    assert_eq!(try_run(&mut session, "ROLLBACK").error_numbers(), [3903]);
}

#[test]
fn a_transaction_lives_on_over_batches() {
    let mut session = session_with(TABLE);
    run(&mut session, "BEGIN TRAN");
    assert_ne!(session.transaction_descriptor(), 0);
    run(&mut session, "INSERT INTO dbo.T (Code) VALUES (1)");
    run(&mut session, "COMMIT");
    assert_eq!(session.transaction_descriptor(), 0);
    assert_eq!(shown(&mut session, "SELECT Code FROM dbo.T"), "1");
}

#[test]
fn identity_is_not_given_back_on_rollback_nor_on_an_error() {
    let mut session = session_with(TABLE);
    run(
        &mut session,
        "BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1), (2); ROLLBACK;",
    );
    assert_eq!(
        shown(
            &mut session,
            "INSERT INTO dbo.T (Code) VALUES (1); SELECT CAST(SCOPE_IDENTITY() AS bigint)"
        ),
        "3"
    );
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (Code) VALUES (1)").error_numbers(),
        [2627]
    );
    assert_eq!(
        shown(
            &mut session,
            "INSERT INTO dbo.T (Code) VALUES (2); SELECT Id FROM dbo.T WHERE Code = 2"
        ),
        "5"
    );
}

#[test]
fn an_error_undoes_its_own_statement_only_and_the_batch_goes_on() {
    let mut session = session_with(TABLE);
    let collected = try_run(
        &mut session,
        "BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1); INSERT INTO dbo.T (Code) VALUES (2), (3), (1); INSERT INTO dbo.T (Code) VALUES (4); COMMIT; SELECT Code FROM dbo.T ORDER BY Code;",
    );
    assert_eq!(collected.error_numbers(), [2627]);
    assert_eq!(show(collected.rows()), "1|4");
}

#[test]
fn xact_abort_ends_the_batch_and_rolls_back() {
    let mut session = session_with(TABLE);
    let collected = try_run(
        &mut session,
        "SET XACT_ABORT ON; BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1); INSERT INTO dbo.T (Code) VALUES (1); SELECT 1; COMMIT;",
    );
    assert_eq!(collected.error_numbers(), [2627]);
    assert!(collected.sets.is_empty());
    assert_eq!(collected.transactions, [None, Some(false)]);
    assert_eq!(
        shown(&mut session, "SELECT COUNT(*), @@TRANCOUNT FROM dbo.T"),
        "0,0"
    );
}

#[test]
fn a_conversion_that_fails_rolls_back_even_without_xact_abort() {
    let mut session = session_with(TABLE);
    let collected = try_run(
        &mut session,
        "BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1); INSERT INTO dbo.T (Code) VALUES ('x'); SELECT 1;",
    );
    assert_eq!(collected.error_numbers(), [245]);
    assert!(collected.sets.is_empty());
    assert_eq!(
        shown(&mut session, "SELECT COUNT(*), @@TRANCOUNT FROM dbo.T"),
        "0,0"
    );
}

#[test]
fn throw_without_xact_abort_leaves_the_transaction_open() {
    let mut session = session_with(TABLE);
    try_run(&mut session, "BEGIN TRAN; THROW 50000, N'x', 1;");
    assert_eq!(shown(&mut session, "SELECT @@TRANCOUNT"), "1");
    try_run(&mut session, "SET XACT_ABORT ON; THROW 50000, N'x', 1;");
    assert_eq!(shown(&mut session, "SELECT @@TRANCOUNT"), "0");
}

#[test]
fn sp_executesql_must_leave_the_transaction_count_as_it_was() {
    let mut session = session_with(TABLE);
    let mut collected = Collected::default();
    session.execute_sql("BEGIN TRANSACTION", &[], &mut collected);
    assert_eq!(collected.error_numbers(), [266]);
    assert_eq!(shown(&mut session, "SELECT @@TRANCOUNT"), "1");
}

#[test]
fn the_rows_of_a_table_variable_survive_a_rollback() {
    let mut session = session_with(TABLE);
    let text = "DECLARE @kept TABLE (Id int NOT NULL PRIMARY KEY, Name nvarchar(10) NULL UNIQUE); BEGIN TRAN; INSERT INTO @kept VALUES (1, N'a'); INSERT INTO dbo.T (Code) OUTPUT inserted.Code, NULL INTO @kept (Id, Name) VALUES (2); ROLLBACK; INSERT INTO @kept VALUES (3, N'c'); SELECT k.Id, (SELECT COUNT(*) FROM dbo.T) FROM @kept AS k ORDER BY k.Id;";
    assert_eq!(shown(&mut session, text), "1,0|2,0|3,0");
}

#[test]
fn table_variables_end_with_their_batch() {
    let mut session = session_with(TABLE);
    for _ in 0..3 {
        assert_eq!(
            shown(
                &mut session,
                "DECLARE @t TABLE (Id int NOT NULL); INSERT INTO @t VALUES (1); SELECT COUNT(*) FROM @t"
            ),
            "1"
        );
    }
    assert_eq!(
        try_run(&mut session, "SELECT * FROM @t").error_numbers(),
        [1087]
    );
}

#[test]
fn a_session_that_goes_away_gives_the_lock_free() {
    let database = database();
    let (mut one, mut other) = (database.session(), database.session());
    run(&mut one, TABLE);
    run(&mut one, "BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1)");
    drop(one);
    assert_eq!(
        shown(&mut other, "SET LOCK_TIMEOUT 0; SELECT COUNT(*) FROM dbo.T"),
        "0"
    );
}

#[test]
fn reset_rolls_back_and_forgets_the_options() {
    let mut session = session_with(TABLE);
    run(
        &mut session,
        "SET NOCOUNT ON; BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1)",
    );
    session.reset();
    assert_eq!(session.transaction_descriptor(), 0);
    assert_eq!(
        run(&mut session, "INSERT INTO dbo.T (Code) VALUES (2)").counts,
        [Some(1)]
    );
    assert_eq!(shown(&mut session, "SELECT COUNT(*) FROM dbo.T"), "1");
}

#[test]
fn a_writer_waits_for_the_transaction_before_it() {
    let database = database();
    let mut one = database.session();
    run(&mut one, TABLE);
    run(&mut one, "BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1)");
    let (started, is_started) = mpsc::channel();
    let mut other = database.session();
    let thread = std::thread::spawn(move || {
        started.send(()).unwrap();
        try_run(&mut other, "INSERT INTO dbo.T (Code) VALUES (1)").error_numbers()
    });
    is_started.recv().unwrap();
    run(&mut one, "COMMIT");
    assert_eq!(thread.join().unwrap(), [2627]);
}

#[test]
fn waiting_too_long_is_1222() {
    let database = database();
    database.set_lock_wait(Duration::ZERO);
    let (mut one, mut other) = (database.session(), database.session());
    run(&mut one, TABLE);
    run(&mut one, "BEGIN TRAN; INSERT INTO dbo.T (Code) VALUES (1)");
    let collected = try_run(
        &mut other,
        "BEGIN TRAN; SELECT 1; INSERT INTO dbo.T (Code) VALUES (2); SELECT 2; ROLLBACK",
    );
    assert_eq!(collected.error_numbers(), [1222]);
    assert_eq!(collected.sets.len(), 2);
    assert_eq!(
        try_run(&mut other, "SET LOCK_TIMEOUT 1; SELECT * FROM dbo.T").error_numbers(),
        [1222]
    );
}

#[test]
fn implicit_transactions_begin_with_what_touches_tables_alone() {
    let mut session = session_with(TABLE);
    run(&mut session, "SET IMPLICIT_TRANSACTIONS ON");
    assert_eq!(shown(&mut session, "SELECT @@TRANCOUNT"), "0");
    run(&mut session, "INSERT INTO dbo.T (Code) VALUES (1)");
    run(&mut session, "INSERT INTO dbo.T (Code) VALUES (2)");
    assert_eq!(shown(&mut session, "SELECT @@TRANCOUNT"), "1");
    run(&mut session, "ROLLBACK");
    // Counting reads the table, and so begins the next one.
    assert_eq!(shown(&mut session, "SELECT COUNT(*) FROM dbo.T"), "0");
    run(&mut session, "IF @@TRANCOUNT > 0 COMMIT TRAN");
    // An explicit BEGIN opens a second one within.
    run(&mut session, "BEGIN TRAN");
    assert_eq!(shown(&mut session, "SELECT @@TRANCOUNT"), "2");
    run(&mut session, "ROLLBACK; SET IMPLICIT_TRANSACTIONS OFF");
    run(&mut session, "INSERT INTO dbo.T (Code) VALUES (3)");
    assert_eq!(shown(&mut session, "SELECT @@TRANCOUNT"), "0");
}
