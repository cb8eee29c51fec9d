//! Control flow, variables, options, errors that end a batch and errors that do not.

use std::time::Duration;

use super::*;

#[test]
fn a_batch_with_a_mistake_anywhere_runs_not_at_all() {
    let mut session = session_with("CREATE TABLE dbo.T (Id int NOT NULL)");
    let collected = try_run(&mut session, "INSERT INTO dbo.T VALUES (1); SELEKT 1;");
    assert_eq!(collected.error_numbers(), [102]);
    assert_eq!(shown(&mut session, "SELECT COUNT(*) FROM dbo.T"), "0");
}

#[test]
fn an_unknown_statement_is_refused_by_name() {
    let mut session = database().session();
    let collected = try_run(
        &mut session,
        "SELECT 1; MERGE dbo.T AS t USING dbo.S AS s ON 1 = 1 WHEN MATCHED THEN DELETE;",
    );
    assert_eq!(collected.error_numbers(), [40000]);
    assert!(
        collected.errors[0].message.contains("MERGE"),
        "{}",
        collected.errors[0].message
    );
    assert!(collected.sets.is_empty());
    for text in [
        "BEGIN TRY SELECT 1; END TRY BEGIN CATCH END CATCH",
        "SAVE TRAN a",
        "SET FMTONLY ON",
        "INSERT BULK dbo.T (Id int)",
        "SET ANSI_NULLS OFF",
    ] {
        assert_eq!(
            try_run(&mut session, text).error_numbers(),
            [40000],
            "{text}"
        );
    }
}

#[test]
fn statements_need_no_semicolon_between_them() {
    let mut session = database().session();
    let text = "SET NOCOUNT ON SET XACT_ABORT ON DECLARE @a int = 1, @b nvarchar(10) SET @a += 2 SELECT @b = N'x' IF @a = 3 SELECT @a AS a, @b AS b ELSE SELECT 0 AS a SELECT 5 AS c IF @@TRANCOUNT > 0 COMMIT TRAN";
    let collected = run(&mut session, text);
    assert_eq!(collected.sets.len(), 2);
    assert_eq!(show(&collected.sets[0].rows), "3,x");
    assert_eq!(show(&collected.sets[1].rows), "5");
}

#[test]
fn select_with_variables_assigns_instead_of_answering() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL); INSERT INTO dbo.T VALUES (1), (2), (3)",
    );
    let collected = run(
        &mut session,
        "DECLARE @a int = 7, @n int, @last int; SELECT @a = Id FROM dbo.T WHERE Id > 100; SELECT @n = COUNT(*), @last = MAX(Id) FROM dbo.T; SELECT @a, @n, @last",
    );
    assert_eq!(collected.sets.len(), 1);
    assert_eq!(show(collected.rows()), "7,3,3");
}

#[test]
fn adding_up_rows_in_a_variable_is_refused() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL); INSERT INTO dbo.T VALUES (1), (2), (3)",
    );
    assert_eq!(
        try_run(
            &mut session,
            "DECLARE @sum int = 0; SELECT @sum = @sum + Id FROM dbo.T"
        )
        .error_numbers(),
        [40000]
    );
    assert_eq!(
        shown(
            &mut session,
            "DECLARE @sum int = 5; SELECT @sum = @sum + Id FROM dbo.T WHERE Id = 3; SELECT @sum"
        ),
        "8"
    );
}

#[test]
fn while_repeats_until_break_or_false() {
    let mut session = database().session();
    let text = "DECLARE @i int = 0, @sum int = 0; WHILE @i < 100 BEGIN SET @i += 1; IF @i % 2 = 0 CONTINUE; IF @i > 7 BREAK; SET @sum += @i; END; SELECT @sum";
    assert_eq!(shown(&mut session, text), "16");
}

#[test]
fn if_not_exists_decides_on_rows() {
    let mut session = session_with("CREATE TABLE dbo.T (Id int NOT NULL)");
    let text = "IF NOT EXISTS (SELECT 1 FROM dbo.T WHERE Id = 1) BEGIN INSERT INTO dbo.T VALUES (1); END ELSE BEGIN INSERT INTO dbo.T VALUES (2); END;";
    run(&mut session, text);
    run(&mut session, text);
    assert_eq!(
        shown(&mut session, "SELECT Id FROM dbo.T ORDER BY Id"),
        "1|2"
    );
}

#[test]
fn return_ends_the_batch() {
    let mut session = database().session();
    let collected = run(&mut session, "SELECT 1; RETURN; SELECT 2;");
    assert_eq!(collected.sets.len(), 1);
}

#[test]
fn throw_ends_the_batch_with_its_number_and_state() {
    let mut session = database().session();
    let collected = try_run(
        &mut session,
        "SELECT 1;\nTHROW 50001, N'no such change', 3; SELECT 2;",
    );
    assert_eq!(collected.sets.len(), 1);
    let error = &collected.errors[0];
    assert_eq!(
        (
            error.number,
            error.state,
            error.class,
            error.message.as_str(),
            error.line
        ),
        (50001, 3, 16, "no such change", 2)
    );
}

#[test]
fn a_variable_is_declared_once_in_a_batch() {
    let mut session = database().session();
    assert_eq!(
        try_run(&mut session, "DECLARE @a int; IF 1 = 1 DECLARE @A int;").error_numbers(),
        [134]
    );
    assert_eq!(
        try_run(&mut session, "SELECT @nobody").error_numbers(),
        [137]
    );
}

#[test]
fn row_count_tells_of_the_statement_before() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL); INSERT INTO dbo.T VALUES (1), (2), (3)",
    );
    let text = "DECLARE @a int, @b int, @c int; UPDATE dbo.T SET Id = Id + 10 WHERE Id > 1; SELECT @a = @@ROWCOUNT; DELETE FROM dbo.T WHERE Id = 99; SET @b = @@ROWCOUNT; SELECT @c = Id FROM dbo.T; IF @@ROWCOUNT = 3 SELECT @a, @b, @@ROWCOUNT;";
    assert_eq!(shown(&mut session, text), "2,0,0");
}

#[test]
fn no_count_hides_the_counts() {
    let mut session = session_with("CREATE TABLE dbo.T (Id int NOT NULL)");
    assert_eq!(
        run(&mut session, "INSERT INTO dbo.T VALUES (1), (2)").counts,
        [Some(2)]
    );
    assert_eq!(
        run(
            &mut session,
            "SET NOCOUNT ON; INSERT INTO dbo.T VALUES (1), (2)"
        )
        .counts,
        [None]
    );
}

#[test]
fn options_set_in_sp_executesql_end_with_it() {
    let mut session = session_with("CREATE TABLE dbo.T (Id int NOT NULL)");
    let mut collected = Collected::default();
    session.execute_sql(
        "SET NOCOUNT ON; SET XACT_ABORT ON; INSERT INTO dbo.T VALUES (1)",
        &[],
        &mut collected,
    );
    assert_eq!(
        (collected.counts.as_slice(), collected.statuses.as_slice()),
        ([None].as_slice(), [0].as_slice())
    );
    assert_eq!(
        run(&mut session, "INSERT INTO dbo.T VALUES (2)").counts,
        [Some(1)]
    );
}

#[test]
fn the_clock_stands_still_within_a_statement_and_tests_move_it() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL, At datetime2(7) NOT NULL DEFAULT SYSUTCDATETIME())",
    );
    session.database().clock().freeze();
    run(&mut session, "INSERT INTO dbo.T (Id) VALUES (1)");
    session.database().clock().advance(Duration::from_secs(90));
    run(&mut session, "INSERT INTO dbo.T (Id) VALUES (2)");
    assert_eq!(
        shown(
            &mut session,
            "SELECT DATEDIFF(second, a.At, b.At) FROM dbo.T AS a INNER JOIN dbo.T AS b ON a.Id = 1 AND b.Id = 2"
        ),
        "90"
    );
    session.database().clock().unfreeze();
    assert_eq!(
        shown(
            &mut session,
            "SELECT CASE WHEN SYSUTCDATETIME() = SYSUTCDATETIME() THEN 1 ELSE 0 END"
        ),
        "1"
    );
}

#[test]
fn an_expression_without_tables_waits_for_nobody() {
    let database = database();
    let (mut one, mut other) = (database.session(), database.session());
    run(
        &mut one,
        "CREATE TABLE dbo.T (Id int NOT NULL); BEGIN TRANSACTION; INSERT INTO dbo.T VALUES (1);",
    );
    assert_eq!(
        shown(&mut other, "SET LOCK_TIMEOUT 0; SELECT 1 + @@TRANCOUNT"),
        "1"
    );
    assert_eq!(
        try_run(&mut other, "SELECT COUNT(*) FROM dbo.T").error_numbers(),
        [1222]
    );
    run(&mut one, "CREATE TABLE dbo.Open (Id int NOT NULL)");
    assert_eq!(
        try_run(&mut other, "SELECT OBJECT_ID(N'dbo.Open', N'U')").error_numbers(),
        [1222],
        "what is defined is not told before it is committed"
    );
    run(&mut one, "ROLLBACK");
    assert_eq!(shown(&mut other, "SELECT COUNT(*) FROM dbo.T"), "0");
}
