//! The rules of a table, and the errors that code decides on.

use super::*;

const PARENT_AND_CHILD: &str = "CREATE TABLE dbo.Parent (Id int NOT NULL CONSTRAINT PK_Parent PRIMARY KEY, Name nvarchar(20) NULL);
    CREATE TABLE dbo.Child (Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Child PRIMARY KEY, ParentId int NULL CONSTRAINT FK_Child_Parent FOREIGN KEY REFERENCES dbo.Parent (Id));
    INSERT INTO dbo.Parent VALUES (1, N'one'), (2, N'two'); INSERT INTO dbo.Child (ParentId) VALUES (1), (NULL);";

#[test]
fn a_duplicate_of_a_constraint_is_2627_and_names_it() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL CONSTRAINT PK_T PRIMARY KEY, Code varchar(10) NOT NULL CONSTRAINT UQ_T_Code UNIQUE); INSERT INTO dbo.T VALUES (1, 'a');",
    );
    let error = try_run(&mut session, "INSERT INTO dbo.T VALUES (1, 'b')")
        .errors
        .remove(0);
    assert_eq!((error.number, error.class), (2627, 14));
    assert_eq!(
        error.message,
        "Violation of PRIMARY KEY constraint 'PK_T'. Cannot insert duplicate key in object 'dbo.T'. The duplicate key value is (1)."
    );
    let error = try_run(&mut session, "INSERT INTO dbo.T VALUES (2, 'A ')")
        .errors
        .remove(0);
    assert_eq!(
        error.message,
        "Violation of UNIQUE KEY constraint 'UQ_T_Code'. Cannot insert duplicate key in object 'dbo.T'. The duplicate key value is (A )."
    );
    assert_eq!(
        try_run(
            &mut session,
            "INSERT INTO dbo.T VALUES (2, 'b'); UPDATE dbo.T SET Code = 'a' WHERE Id = 2"
        )
        .error_numbers(),
        [2627]
    );
}

#[test]
fn a_duplicate_of_an_index_is_2601_and_names_it() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (A int NULL, B int NOT NULL); CREATE UNIQUE INDEX UX_T ON dbo.T (A, B); INSERT INTO dbo.T VALUES (1, 2);",
    );
    let error = try_run(&mut session, "INSERT INTO dbo.T VALUES (1, 2)")
        .errors
        .remove(0);
    assert_eq!((error.number, error.class), (2601, 14));
    assert_eq!(
        error.message,
        "Cannot insert duplicate key row in object 'dbo.T' with unique index 'UX_T'. The duplicate key value is (1, 2)."
    );
}

#[test]
fn nulls_collide_in_a_unique_constraint() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (A int NULL CONSTRAINT UQ_A UNIQUE, B nvarchar(5) NULL, C varbinary(4) NULL, CONSTRAINT UQ_BC UNIQUE (B, C));",
    );
    run(&mut session, "INSERT INTO dbo.T VALUES (NULL, NULL, NULL)");
    let error = try_run(&mut session, "INSERT INTO dbo.T VALUES (NULL, N'x', NULL)")
        .errors
        .remove(0);
    assert_eq!(
        (error.number, error.message.contains("UQ_A")),
        (2627, true),
        "{error}"
    );
    let error = try_run(&mut session, "INSERT INTO dbo.T VALUES (1, NULL, NULL)")
        .errors
        .remove(0);
    assert_eq!(
        (error.number, error.message.contains("UQ_BC")),
        (2627, true),
        "{error}"
    );
    run(
        &mut session,
        "INSERT INTO dbo.T VALUES (2, N'', NULL), (3, NULL, 0x00)",
    );
}

#[test]
fn a_filtered_unique_index_sees_only_its_rows() {
    let mut session = session_with("CREATE TABLE dbo.W (Id int NOT NULL PRIMARY KEY, DeviceId int NULL, TenantId int NOT NULL, ClosedAt datetime2(3) NULL);
        CREATE UNIQUE INDEX UX_W ON dbo.W (DeviceId, TenantId) WHERE ClosedAt IS NULL AND DeviceId IS NOT NULL;
        INSERT INTO dbo.W VALUES (1, 7, 1, NULL), (2, NULL, 1, NULL), (3, NULL, 1, NULL), (4, 7, 1, '2026-01-01'), (5, 7, 1, '2026-01-01');");
    let error = try_run(&mut session, "INSERT INTO dbo.W VALUES (6, 7, 1, NULL)")
        .errors
        .remove(0);
    assert_eq!((error.number, error.message.contains("UX_W")), (2601, true));
    run(
        &mut session,
        "UPDATE dbo.W SET ClosedAt = SYSUTCDATETIME() WHERE Id = 1; INSERT INTO dbo.W VALUES (6, 7, 1, NULL)",
    );
    assert_eq!(
        try_run(
            &mut session,
            "UPDATE dbo.W SET ClosedAt = NULL WHERE Id = 4"
        )
        .error_numbers(),
        [2601]
    );
}

#[test]
fn a_check_that_fails_is_547_and_unknown_passes() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Kind varchar(20) NULL, CONSTRAINT CK_T_Kind CHECK (Kind IN ('chunk', 'notice')));",
    );
    run(
        &mut session,
        "INSERT INTO dbo.T VALUES ('chunk'), ('NOTICE'), (NULL)",
    );
    let error = try_run(&mut session, "INSERT INTO dbo.T VALUES ('other')")
        .errors
        .remove(0);
    assert_eq!(error.number, 547);
    assert_eq!(
        error.message,
        "The INSERT statement conflicted with the CHECK constraint \"CK_T_Kind\". The conflict occurred in database \"AltaworxCentral\", table \"dbo.T\"."
    );
    assert_eq!(
        try_run(&mut session, "UPDATE dbo.T SET Kind = 'x'").error_numbers(),
        [547]
    );
}

#[test]
fn a_foreign_key_without_its_row_is_547_and_names_it() {
    let mut session = session_with(PARENT_AND_CHILD);
    let error = try_run(&mut session, "INSERT INTO dbo.Child (ParentId) VALUES (9)")
        .errors
        .remove(0);
    assert_eq!(error.number, 547);
    assert_eq!(
        error.message,
        "The INSERT statement conflicted with the FOREIGN KEY constraint \"FK_Child_Parent\". The conflict occurred in database \"AltaworxCentral\", table \"dbo.Parent\", column 'Id'."
    );
    assert_eq!(
        try_run(
            &mut session,
            "UPDATE dbo.Child SET ParentId = 9 WHERE Id = 1"
        )
        .error_numbers(),
        [547]
    );
    let error = try_run(&mut session, "DELETE FROM dbo.Parent WHERE Id = 1")
        .errors
        .remove(0);
    assert_eq!(
        error.message,
        "The DELETE statement conflicted with the REFERENCE constraint \"FK_Child_Parent\". The conflict occurred in database \"AltaworxCentral\", table \"dbo.Child\", column 'ParentId'."
    );
    run(&mut session, "DELETE FROM dbo.Parent WHERE Id = 2");
    assert_eq!(
        try_run(&mut session, "DROP TABLE dbo.Parent").error_numbers(),
        [3726]
    );
}

#[test]
fn null_in_a_column_that_takes_none_is_515() {
    let mut session =
        session_with("CREATE TABLE dbo.T (Id int NOT NULL, Name nvarchar(10) NOT NULL)");
    let error = try_run(&mut session, "INSERT INTO dbo.T (Id) VALUES (1)")
        .errors
        .remove(0);
    assert_eq!(error.number, 515);
    assert_eq!(
        error.message,
        "Cannot insert the value NULL into column 'Name', table 'AltaworxCentral.dbo.T'; column does not allow nulls. INSERT fails."
    );
}

#[test]
fn text_that_is_too_long_is_2628() {
    let mut session = session_with("CREATE TABLE dbo.T (Name nvarchar(3) NOT NULL)");
    let error = try_run(&mut session, "INSERT INTO dbo.T VALUES (N'abcd')")
        .errors
        .remove(0);
    assert_eq!(error.number, 2628);
    assert!(
        error.message.contains("AltaworxCentral.dbo.T") && error.message.contains("Name"),
        "{error}"
    );
    run(&mut session, "INSERT INTO dbo.T VALUES (N'abc')");
    assert_eq!(
        try_run(&mut session, "UPDATE dbo.T SET Name = Name + N'd'").error_numbers(),
        [2628]
    );
}

#[test]
fn what_is_unknown_is_208_or_207() {
    let mut session = session_with("CREATE TABLE dbo.T (Id int NOT NULL)");
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.Nothing VALUES (1)").error_numbers(),
        [208]
    );
    assert_eq!(
        try_run(&mut session, "SELECT * FROM dbo.Nothing").error_numbers(),
        [208]
    );
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (Nope) VALUES (1)").error_numbers(),
        [207]
    );
    assert_eq!(
        try_run(&mut session, "UPDATE dbo.T SET Nope = 1").error_numbers(),
        [207]
    );
}

#[test]
fn a_new_unique_index_over_duplicates_is_1505() {
    let mut session =
        session_with("CREATE TABLE dbo.T (Id int NOT NULL); INSERT INTO dbo.T VALUES (1), (1)");
    assert_eq!(
        try_run(&mut session, "CREATE UNIQUE INDEX UX ON dbo.T (Id)").error_numbers(),
        [1505]
    );
    run(
        &mut session,
        "DELETE TOP (1) FROM dbo.T; CREATE UNIQUE INDEX UX ON dbo.T (Id)",
    );
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T VALUES (1)").error_numbers(),
        [2601]
    );
}

#[test]
fn a_check_can_be_dropped_and_another_added() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL CONSTRAINT PK_T PRIMARY KEY, Kind varchar(20) NOT NULL, CONSTRAINT CK_T_Kind CHECK (Kind IN ('a', 'b')));
         CREATE INDEX IX_T ON dbo.T (Kind) WHERE Id > 0; INSERT INTO dbo.T VALUES (1, 'a');",
    );
    let refused = |session: &mut Session, statement: &str| {
        let error = try_run(session, statement).errors.remove(0);
        (error.number, error.message)
    };
    let (number, message) = refused(&mut session, "INSERT INTO dbo.T VALUES (2, 'c')");
    assert_eq!((number, message.contains("CK_T_Kind")), (547, true));

    run(
        &mut session,
        "ALTER TABLE dbo.T DROP CONSTRAINT CK_T_Kind; INSERT INTO dbo.T VALUES (2, 'x');",
    );
    let (number, message) = refused(
        &mut session,
        "ALTER TABLE dbo.T ADD CONSTRAINT CK_T_Kind CHECK (Kind IN ('a', 'b', 'c'))",
    );
    assert_eq!(number, 547);
    assert!(
        message.starts_with(
            "The ALTER TABLE statement conflicted with the CHECK constraint \"CK_T_Kind\"."
        ),
        "{message}"
    );
    run(
        &mut session,
        "DELETE FROM dbo.T WHERE Id = 2; ALTER TABLE dbo.T ADD CONSTRAINT CK_T_Kind CHECK (Kind IN ('a', 'b', 'c')); INSERT INTO dbo.T VALUES (3, 'c');",
    );
    let (number, _) = refused(&mut session, "INSERT INTO dbo.T VALUES (4, 'd')");
    assert_eq!(number, 547);
    let (number, _) = refused(
        &mut session,
        "BEGIN TRAN; ALTER TABLE dbo.T DROP CONSTRAINT CK_T_Kind; INSERT INTO dbo.T VALUES (4, 'd'); ROLLBACK; INSERT INTO dbo.T VALUES (4, 'd');",
    );
    assert_eq!(number, 547, "the rollback brings the rule back");
    assert_eq!(
        shown(&mut session, "SELECT Id, Kind FROM dbo.T ORDER BY Id"),
        "1,a|3,c"
    );
}
