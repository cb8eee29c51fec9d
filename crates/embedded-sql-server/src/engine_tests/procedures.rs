//! Procedures: definition, arguments, scope.

use super::*;

const MARK: &str =
    "CREATE PROCEDURE dbo.usp_Mark @ChangeId bigint, @failed bit = 0, @note nvarchar(max) = NULL AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.Change SET Failed = @failed, Note = @note WHERE Id = @ChangeId;
    IF @@ROWCOUNT = 0 RETURN 7;
END";

fn session_with_procedure() -> Session {
    let mut session = session_with(
        "CREATE TABLE dbo.Change (Id bigint NOT NULL PRIMARY KEY, Failed bit NULL, Note nvarchar(max) NULL); INSERT INTO dbo.Change (Id) VALUES (1), (2), (3)",
    );
    run(&mut session, MARK);
    session
}

#[test]
fn a_procedure_takes_named_arguments_and_defaults() {
    let mut session = session_with_procedure();
    let collected = run(
        &mut session,
        "DECLARE @id bigint = 2; EXEC dbo.usp_Mark @ChangeId = @id, @note = N'done'; EXEC usp_Mark 3, 1;",
    );
    assert_eq!(collected.statuses, [0, 0]);
    assert_eq!(
        shown(
            &mut session,
            "SELECT Failed, Note FROM dbo.Change ORDER BY Id"
        ),
        "NULL,NULL|0,done|1,NULL"
    );
}

#[test]
fn a_procedure_has_its_own_scope_and_status() {
    let mut session = session_with_procedure();
    let text = "DECLARE @ChangeId int = 5, @status int; EXEC @status = dbo.usp_Mark @ChangeId = 99; SELECT @ChangeId, @status";
    assert_eq!(shown(&mut session, text), "5,7");
    assert_eq!(
        run(&mut session, "UPDATE dbo.Change SET Note = NULL").counts,
        [Some(3)],
        "SET NOCOUNT ends with the procedure"
    );
}

#[test]
fn a_loop_calls_a_procedure_for_each_row() {
    let mut session = session_with_procedure();
    let text = "SET XACT_ABORT ON; SET NOCOUNT ON; DECLARE @todo TABLE (Id bigint NOT NULL PRIMARY KEY); INSERT INTO @todo SELECT Id FROM dbo.Change; DECLARE @id bigint;
        BEGIN TRANSACTION; WHILE EXISTS (SELECT 1 FROM @todo) BEGIN SELECT TOP (1) @id = Id FROM @todo ORDER BY Id; EXEC dbo.usp_Mark @ChangeId = @id, @failed = 1; DELETE FROM @todo WHERE Id = @id; END; COMMIT TRANSACTION; SELECT COUNT(*) FROM dbo.Change WHERE Failed = 1";
    assert_eq!(shown(&mut session, text), "3");
}

#[test]
fn wrong_calls_are_refused() {
    let mut session = session_with_procedure();
    assert_eq!(
        try_run(&mut session, "EXEC dbo.usp_Nothing").error_numbers(),
        [2812]
    );
    assert_eq!(
        try_run(&mut session, "EXEC dbo.usp_Mark").error_numbers(),
        [201]
    );
    assert_eq!(
        try_run(&mut session, "EXEC dbo.usp_Mark 1, 1, N'a', 4").error_numbers(),
        [8144]
    );
    assert_eq!(
        try_run(&mut session, "EXEC dbo.usp_Mark @Nope = 1").error_numbers(),
        [8145]
    );
    assert_eq!(try_run(&mut session, MARK).error_numbers(), [2714]);
}

#[test]
fn a_variable_can_name_the_procedure() {
    let mut session = session_with_procedure();
    let text = "DECLARE @name nvarchar(128) = N'dbo.usp_Mark', @status int; EXEC @status = @name @ChangeId = 9; EXEC @name 1; SELECT @status";
    assert_eq!(shown(&mut session, text), "7");
    assert_eq!(
        try_run(
            &mut session,
            "DECLARE @name nvarchar(128) = N'dbo.usp_Nothing'; EXEC @name"
        )
        .error_numbers(),
        [2812]
    );
}

#[test]
fn an_output_parameter_comes_back() {
    let mut session = database().session();
    run(
        &mut session,
        "CREATE PROCEDURE dbo.usp_Double @n int, @twice int OUTPUT AS SET @twice = @n * 2;",
    );
    assert_eq!(
        shown(
            &mut session,
            "DECLARE @x int; EXEC dbo.usp_Double @n = 21, @twice = @x OUTPUT; SELECT @x"
        ),
        "42"
    );
}

#[test]
fn an_error_names_the_procedure_and_its_line() {
    let mut session = session_with_procedure();
    run(
        &mut session,
        "CREATE OR ALTER PROCEDURE dbo.usp_Fail AS\nBEGIN\n    THROW 50007, N'never', 1;\nEND",
    );
    let error = try_run(&mut session, "EXEC dbo.usp_Fail; SELECT 1")
        .errors
        .remove(0);
    assert_eq!(
        (error.number, error.procedure.as_str(), error.line),
        (50007, "usp_Fail", 3)
    );
}

#[test]
fn create_or_alter_replaces_and_drop_forgets() {
    let mut session = database().session();
    run(&mut session, "CREATE OR ALTER PROC dbo.P AS SELECT 1");
    run(&mut session, "CREATE OR ALTER PROC dbo.P AS SELECT 2");
    assert_eq!(shown(&mut session, "EXEC dbo.P"), "2");
    run(
        &mut session,
        "DROP PROCEDURE dbo.P; DROP PROCEDURE IF EXISTS dbo.P",
    );
    assert_eq!(try_run(&mut session, "EXEC dbo.P").error_numbers(), [2812]);
    assert_eq!(
        try_run(&mut session, "SELECT 1; CREATE PROCEDURE dbo.Q AS SELECT 1").error_numbers(),
        [111]
    );
}

#[test]
fn a_procedure_can_be_called_by_the_client() {
    let mut session = session_with_procedure();
    let id = crate::value::Parameter {
        name: "@ChangeId".to_owned(),
        sql_type: crate::value::SqlType::BigInt,
        value: Value::Int(99),
        returned: None,
    };
    let mut collected = Collected::default();
    session.procedure("dbo.usp_Mark", &[id], &mut collected);
    assert_eq!(
        (collected.errors.as_slice(), collected.statuses.as_slice()),
        ([].as_slice(), [7].as_slice())
    );
}

fn asked_back(name: &str, value: Value, place: u16) -> crate::value::Parameter {
    crate::value::Parameter {
        name: name.to_owned(),
        sql_type: crate::value::SqlType::Int,
        value,
        returned: Some(place),
    }
}

#[test]
fn a_call_by_rpc_gives_output_parameters_back_and_no_others() {
    let mut session = session_with(
        "CREATE PROCEDURE dbo.P (@a int, @b int = 5 OUTPUT) AS BEGIN SET @b = @b + @a; RETURN 3 END",
    );
    let mut a = asked_back("@a", Value::Int(1), 0);
    let mut collected = Collected::default();
    let both = [a.clone(), asked_back("@B", Value::Int(7), 1)];
    session.procedure("dbo.P", &both, &mut collected);
    assert_eq!(collected.error_numbers(), [8162]);

    a.returned = None;
    let mut collected = Collected::default();
    let call = [a, asked_back("@B", Value::Int(7), 1)];
    session.procedure("dbo.P", &call, &mut collected);
    assert!(collected.errors.is_empty());
    assert_eq!(collected.statuses, [3]);
    assert_eq!(collected.returned, [(1, "@B".to_owned(), Value::Int(8))]);
}

#[test]
fn sp_executesql_gives_output_parameters_back() {
    let mut session = database().session();
    let mut collected = Collected::default();
    let parameters = [asked_back("@b", Value::Null, 2)];
    session.execute_sql("SET @b = 41 + 1", &parameters, &mut collected);
    assert_eq!(collected.returned, [(2, "@b".to_owned(), Value::Int(42))]);
}
