//! Who may do what: one test for each rule.

use std::collections::BTreeSet;

use super::*;
use crate::permissions::{Right, Verb};

/// Two tables, a procedure, and a login `reader` whose user has the role `r` with these rights.
fn with_rights(grants: &str) -> Session {
    let text = format!(
        "CREATE TABLE dbo.T (id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_T PRIMARY KEY, a int NULL, b int NULL, secret nvarchar(20) NULL);
         CREATE TABLE dbo.U (id int NOT NULL, a int NULL);
         INSERT INTO dbo.T (a, b, secret) VALUES (1, 2, N'hidden');
         CREATE LOGIN reader WITH PASSWORD = 'fake-Password-1';
         CREATE USER reader FOR LOGIN reader;
         CREATE ROLE r;
         ALTER ROLE r ADD MEMBER reader;
         {grants}"
    );
    session_with(&text)
}

/// A session of the login on the same database.
fn reader(owner: &Session) -> Session {
    let mut session = owner.database().session();
    session.set_user("Reader");
    session
}

/// The error numbers of a batch that the login runs.
fn refused(grants: &str, text: &str) -> Vec<u32> {
    let owner = with_rights(grants);
    try_run(&mut reader(&owner), text).error_numbers()
}

#[test]
fn without_a_right_nothing_is_allowed_and_the_words_are_those_of_sql_server() {
    let owner = with_rights("");
    let mut session = reader(&owner);
    for (text, verb, object) in [
        ("SELECT a FROM dbo.T", "SELECT", "T"),
        ("SELECT COUNT(*) FROM dbo.T", "SELECT", "T"),
        ("INSERT INTO dbo.U (id) VALUES (1)", "INSERT", "U"),
        ("UPDATE dbo.T SET a = 1", "UPDATE", "T"),
        ("DELETE FROM dbo.T", "DELETE", "T"),
    ] {
        let answer = try_run(&mut session, text);
        assert_eq!(answer.sets, [], "{text}");
        assert_eq!(
            answer.errors[0].message,
            format!(
                "The {verb} permission was denied on the object '{object}', database 'AltaworxCentral', schema 'dbo'."
            )
        );
        let error = &answer.errors[0];
        assert_eq!((error.number, error.class, error.state), (229, 14, 5));
    }
}

#[test]
fn the_owner_may_everything_whatever_others_were_given() {
    let mut owner = with_rights("GRANT SELECT ON dbo.T (a) TO r;");
    assert_eq!(shown(&mut owner, "SELECT secret FROM dbo.T"), "hidden");
}

#[test]
fn a_column_that_was_not_given_is_error_230_wherever_it_is_named() {
    let grants = "GRANT SELECT ON dbo.T (id, a) TO r; GRANT SELECT ON dbo.U TO r;";
    for text in [
        "SELECT secret FROM dbo.T",
        "SELECT * FROM dbo.T",
        "SELECT t.* FROM dbo.T AS t",
        "SELECT a FROM dbo.T WHERE secret IS NULL",
        "SELECT a FROM dbo.T ORDER BY b",
        "SELECT u.id FROM dbo.U AS u INNER JOIN dbo.T AS t ON t.b = u.id",
        "SELECT u.id FROM dbo.U AS u WHERE EXISTS (SELECT 1 FROM dbo.T AS t WHERE t.b = u.id)",
        "SELECT d.x FROM (SELECT b AS x FROM dbo.T) AS d",
        "WITH c AS (SELECT secret FROM dbo.T) SELECT 1 AS one FROM c",
        "DECLARE @a int = (SELECT MAX(b) FROM dbo.T)",
        "IF EXISTS (SELECT 1 FROM dbo.T WHERE b = 1) SELECT 1 AS one",
    ] {
        assert_eq!(refused(grants, text), [230], "{text}");
    }
    for text in [
        "SELECT a FROM dbo.T WHERE id = 1",
        "SELECT COUNT(*) FROM dbo.T",
        "SELECT COUNT(*) FROM dbo.U",
    ] {
        assert_eq!(refused(grants, text), [0_u32; 0], "{text}");
    }
}

#[test]
fn an_update_needs_update_on_what_it_sets_and_select_on_what_it_reads() {
    let update = "GRANT UPDATE ON dbo.T (a) TO r;";
    assert_eq!(refused(update, "UPDATE dbo.T SET a = 1"), [0_u32; 0]);
    assert_eq!(refused(update, "UPDATE dbo.T SET b = 1"), [230]);
    assert_eq!(
        refused(update, "UPDATE dbo.T SET a = 1 WHERE id = 1"),
        [229]
    );
    assert_eq!(refused(update, "UPDATE dbo.T SET a = b"), [229]);
    assert_eq!(
        refused(update, "UPDATE dbo.T SET a = 1 OUTPUT inserted.a"),
        [229]
    );
    let both = "GRANT UPDATE ON dbo.T (a) TO r; GRANT SELECT ON dbo.T (id, b) TO r;";
    for text in [
        "UPDATE dbo.T SET a = b WHERE id = 1",
        "UPDATE t SET a = t.b FROM dbo.T AS t WHERE t.id = 1",
        "UPDATE dbo.T SET a = 1 OUTPUT inserted.b, deleted.id",
    ] {
        assert_eq!(refused(both, text), [0_u32; 0], "{text}");
    }
    assert_eq!(
        refused(both, "UPDATE dbo.T SET a = 1 OUTPUT deleted.a"),
        [230]
    );
}

#[test]
fn an_insert_needs_insert_alone_and_its_output_select() {
    let insert = "GRANT INSERT ON dbo.T TO r;";
    assert_eq!(
        refused(
            insert,
            "INSERT INTO dbo.T (a) VALUES (1); SELECT SCOPE_IDENTITY() AS id"
        ),
        [0_u32; 0]
    );
    assert_eq!(
        refused(
            insert,
            "INSERT INTO dbo.T (a) OUTPUT inserted.id VALUES (1)"
        ),
        [229]
    );
    assert_eq!(
        refused(insert, "INSERT INTO dbo.T (a) SELECT u.a FROM dbo.U AS u"),
        [229]
    );
    let into = "GRANT INSERT, SELECT ON dbo.T TO r;";
    assert_eq!(
        refused(
            into,
            "INSERT INTO dbo.T (a) OUTPUT inserted.id INTO dbo.U (id) VALUES (1)"
        ),
        [229]
    );
}

#[test]
fn a_delete_needs_delete_and_select_on_what_it_reads() {
    let delete = "GRANT DELETE ON dbo.T TO r;";
    assert_eq!(refused(delete, "DELETE FROM dbo.T"), [0_u32; 0]);
    assert_eq!(refused(delete, "DELETE FROM dbo.T WHERE id = 1"), [229]);
    assert_eq!(refused(delete, "TRUNCATE TABLE dbo.T"), [1088]);
}

#[test]
fn what_was_not_allowed_has_no_effect() {
    let mut owner = with_rights("GRANT INSERT ON dbo.T TO r; GRANT UPDATE ON dbo.T (a) TO r;");
    let mut session = reader(&owner);
    for text in [
        "INSERT INTO dbo.T (a) OUTPUT inserted.id VALUES (1)",
        "UPDATE dbo.T SET a = 9 OUTPUT deleted.a",
    ] {
        assert_eq!(try_run(&mut session, text).error_numbers(), [229]);
    }
    assert_eq!(shown(&mut owner, "SELECT id, a FROM dbo.T"), "1,1");
}

#[test]
fn table_variables_need_no_right() {
    assert_eq!(
        refused(
            "",
            "DECLARE @t TABLE (a int NULL); INSERT INTO @t (a) OUTPUT inserted.a VALUES (1); UPDATE @t SET a = a + 1; DELETE FROM @t WHERE a = 2;"
        ),
        [0_u32; 0]
    );
}

#[test]
fn a_procedure_needs_execute_alone_whatever_it_does() {
    let mut owner = with_rights("");
    run(
        &mut owner,
        "CREATE PROCEDURE dbo.inner_one AS UPDATE dbo.T SET secret = N'told' WHERE id = 1;",
    );
    run(
        &mut owner,
        "CREATE PROCEDURE dbo.outer_one AS EXEC dbo.inner_one; SELECT secret FROM dbo.T;",
    );
    let mut session = reader(&owner);
    let answer = try_run(&mut session, "EXEC dbo.outer_one");
    assert_eq!(
        answer.errors[0].message,
        "The EXECUTE permission was denied on the object 'outer_one', database 'AltaworxCentral', schema 'dbo'."
    );
    run(&mut owner, "GRANT EXECUTE ON dbo.outer_one TO r;");
    assert_eq!(show(run(&mut session, "EXEC dbo.outer_one").rows()), "told");
    assert_eq!(
        try_run(&mut session, "EXEC dbo.inner_one").error_numbers(),
        [229]
    );
    let by_name = "DECLARE @p nvarchar(20) = N'dbo.outer_one'; EXEC @p;";
    assert_eq!(show(run(&mut session, by_name).rows()), "told");
}

#[test]
fn an_object_without_any_right_on_it_is_not_seen() {
    let mut owner = with_rights("GRANT SELECT ON dbo.T (a) TO r;");
    run(&mut owner, "CREATE PROCEDURE dbo.p AS SELECT 1 AS one;");
    let seen = "SELECT CASE WHEN OBJECT_ID(N'dbo.T', N'U') IS NULL THEN 0 ELSE 1 END AS t,
        CASE WHEN OBJECT_ID(N'dbo.U') IS NULL THEN 0 ELSE 1 END AS u,
        CASE WHEN OBJECT_ID(N'dbo.p', N'P') IS NULL THEN 0 ELSE 1 END AS p";
    let mut session = reader(&owner);
    assert_eq!(shown(&mut session, seen), "1,0,0");
    run(&mut owner, "GRANT EXECUTE ON dbo.p TO r;");
    assert_eq!(shown(&mut session, seen), "1,0,1");
    assert_eq!(shown(&mut owner, seen), "1,1,1");
}

#[test]
fn nobody_but_the_owner_defines_anything() {
    for text in [
        "CREATE TABLE dbo.V (id int NOT NULL)",
        "DROP TABLE dbo.U",
        "GRANT SELECT ON dbo.T TO r",
        "CREATE ROLE more",
    ] {
        assert_eq!(
            refused("GRANT SELECT ON dbo.T TO r;", text),
            [15247],
            "{text}"
        );
    }
}

#[test]
fn what_is_known_of_principals_can_be_asked_and_said_once() {
    let mut owner = with_rights("");
    let known = "SELECT CASE WHEN DATABASE_PRINCIPAL_ID(N'R') IS NULL THEN 0 ELSE 1 END AS r,
        CASE WHEN DATABASE_PRINCIPAL_ID(N'nobody') IS NULL THEN 0 ELSE 1 END AS nobody,
        CASE WHEN SUSER_ID(N'READER') IS NULL THEN 0 ELSE 1 END AS login";
    assert_eq!(shown(&mut owner, known), "1,0,1");
    for (text, number) in [
        ("CREATE ROLE r", 15023),
        ("CREATE USER reader FOR LOGIN reader", 15023),
        ("CREATE LOGIN reader WITH PASSWORD = 'x'", 15025),
        ("CREATE LOGIN sa WITH PASSWORD = 'x'", 15025),
        ("ALTER LOGIN nobody WITH PASSWORD = 'x'", 15151),
        ("CREATE USER other FOR LOGIN reader", 15063),
        ("CREATE USER other FOR LOGIN nobody", 15007),
        ("ALTER ROLE r ADD MEMBER nobody", 15151),
        ("ALTER ROLE nothing ADD MEMBER reader", 15151),
        ("GRANT SELECT ON dbo.Missing TO r", 15151),
        ("GRANT SELECT ON dbo.T TO nobody", 15151),
        ("GRANT SELECT ON dbo.T (missing) TO r", 207),
        ("GRANT EXECUTE ON dbo.T TO r", 4606),
        ("GRANT INSERT ON dbo.T (a) TO r", 4606),
        ("ALTER ROLE db_owner ADD MEMBER reader", 40000),
        ("GRANT CONTROL ON dbo.T TO r", 40000),
    ] {
        assert_eq!(
            try_run(&mut owner, text).error_numbers(),
            [number],
            "{text}"
        );
    }
    // Twice is as good as once, and a batch goes on after it.
    run(
        &mut owner,
        "GRANT SELECT, INSERT ON dbo.T TO r GRANT SELECT, INSERT ON dbo.T TO r;
         IF OBJECT_ID(N'dbo.T', N'U') IS NOT NULL GRANT DELETE ON dbo.T TO r;
         CREATE USER nobody WITHOUT LOGIN;",
    );
    let granted: Vec<String> = owner
        .database()
        .rights_granted("R")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        granted,
        ["SELECT ON dbo.T", "INSERT ON dbo.T", "DELETE ON dbo.T"]
    );
}

#[test]
fn a_rolled_back_grant_was_never_given() {
    let owner = with_rights("BEGIN TRANSACTION; GRANT SELECT ON dbo.T TO r; ROLLBACK;");
    assert!(owner.database().rights_granted("r").is_empty());
}

#[test]
fn what_a_user_did_is_known_afterwards() {
    let owner = with_rights("GRANT SELECT, UPDATE ON dbo.T TO r;");
    let mut session = reader(&owner);
    run(&mut session, "UPDATE dbo.T SET a = 1 WHERE id = 1");
    try_run(&mut session, "DELETE FROM dbo.T WHERE b = 1");
    let right = |verb, column: Option<&str>| Right {
        object: "T".to_owned(),
        verb,
        column: column.map(str::to_owned),
    };
    assert_eq!(
        owner
            .database()
            .rights_used("reader")
            .into_iter()
            .collect::<Vec<_>>(),
        [
            right(Verb::Select, Some("id")),
            right(Verb::Update, Some("a"))
        ]
    );
}

#[test]
fn every_branch_of_a_batch_can_be_explored_without_effect() {
    let mut owner = with_rights("");
    run(
        &mut owner,
        "CREATE PROCEDURE dbo.p (@a int) AS DELETE FROM dbo.U;",
    );
    let text = "SET XACT_ABORT ON;
        DECLARE @n int = 3;
        IF @n = 3 BEGIN TRANSACTION; ELSE THROW 50000, N'no', 1;
        IF EXISTS (SELECT 1 FROM dbo.U WHERE id = 9)
            UPDATE dbo.T SET a = 1 WHERE id = 1;
        ELSE
            DELETE FROM dbo.T WHERE b = 1;
        WHILE @n > 100 BEGIN INSERT INTO dbo.U (id) VALUES (NULL); BREAK; END;
        EXEC dbo.p @a = @n;
        RETURN;
        SELECT secret FROM dbo.T;";
    let explored = owner.database().explore(text, &[]);
    assert_eq!(explored.failed, []);
    let rights: BTreeSet<String> = explored.rights.iter().map(ToString::to_string).collect();
    let expected = [
        "SELECT ON dbo.T",
        "SELECT ON dbo.T (id)",
        "SELECT ON dbo.T (b)",
        "SELECT ON dbo.T (secret)",
        "UPDATE ON dbo.T (a)",
        "DELETE ON dbo.T",
        "SELECT ON dbo.U",
        "SELECT ON dbo.U (id)",
        "INSERT ON dbo.U",
        "INSERT ON dbo.U (id)",
        "EXECUTE ON dbo.p",
    ];
    assert_eq!(rights, expected.map(str::to_owned).into());
    assert_eq!(shown(&mut owner, "SELECT id, a FROM dbo.T"), "1,1");
    let broken = owner.database().explore("SELECT nothing FROM dbo.T", &[]);
    assert_eq!(broken.failed[0].number, 207);
}
