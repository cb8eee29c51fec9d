//! A database in a file is the same after it was closed.

use super::*;

#[test]
fn a_file_keeps_tables_procedures_rows_and_identities() {
    let directory = std::env::temp_dir().join(format!("embedded-sql-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&directory).unwrap();
    let storage = Storage::File(directory.join("central.db"));
    let before = {
        let mut session = Database::open(&storage, "AltaworxCentral")
            .unwrap()
            .session();
        run(
            &mut session,
            "CREATE TABLE dbo.T (Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_T PRIMARY KEY, Name nvarchar(10) NULL CONSTRAINT UQ_T UNIQUE, Kind varchar(5) NOT NULL CONSTRAINT DF_T DEFAULT 'it''s');",
        );
        run(
            &mut session,
            "CREATE UNIQUE INDEX UX_T ON dbo.T (Kind, Name) WHERE Name IS NOT NULL;",
        );
        run(
            &mut session,
            "CREATE PROCEDURE dbo.P @a int = 3 AS SELECT @a + COUNT(*) FROM dbo.T;",
        );
        run(
            &mut session,
            "INSERT INTO dbo.T (Name) VALUES (N'a'); BEGIN TRAN; INSERT INTO dbo.T (Name) VALUES (N'b'); CREATE TABLE dbo.Gone (Id int NOT NULL); ROLLBACK;",
        );
        shown(
            &mut session,
            "SELECT OBJECT_ID(N'dbo.T', N'U'), OBJECT_ID(N'dbo.P', N'P')",
        )
    };
    let mut session = Database::open(&storage, "AltaworxCentral")
        .unwrap()
        .session();
    assert_eq!(
        shown(
            &mut session,
            "SELECT OBJECT_ID(N'dbo.T', N'U'), OBJECT_ID(N'dbo.P', N'P')"
        ),
        before
    );
    assert_eq!(shown(&mut session, "EXEC dbo.P"), "4");
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (Name) VALUES (N'A')").error_numbers(),
        [2627]
    );
    assert_eq!(
        shown(
            &mut session,
            "INSERT INTO dbo.T (Name) OUTPUT inserted.Id, inserted.Kind VALUES (N'c')"
        ),
        "4,it's"
    );
    assert_eq!(
        try_run(&mut session, "SELECT * FROM dbo.Gone").error_numbers(),
        [208]
    );
    drop(session);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn a_table_can_be_altered_and_dropped() {
    let mut session =
        session_with("CREATE TABLE dbo.T (Id int NOT NULL); INSERT INTO dbo.T VALUES (1)");
    run(
        &mut session,
        "ALTER TABLE dbo.T ADD Name nvarchar(10) NULL, At datetime2(3) NULL CONSTRAINT DF_At DEFAULT SYSUTCDATETIME();",
    );
    run(
        &mut session,
        "ALTER TABLE dbo.T ADD CONSTRAINT UQ_T UNIQUE (Id, Name); INSERT INTO dbo.T (Id) VALUES (2)",
    );
    assert_eq!(
        try_run(&mut session, "INSERT INTO dbo.T (Id) VALUES (2)").error_numbers(),
        [2627]
    );
    assert_eq!(
        shown(
            &mut session,
            "SELECT Id, CASE WHEN At IS NULL THEN 0 ELSE 1 END FROM dbo.T ORDER BY Id"
        ),
        "1,0|2,1"
    );
    run(
        &mut session,
        "ALTER TABLE dbo.T DROP CONSTRAINT UQ_T; INSERT INTO dbo.T (Id) VALUES (2); DROP TABLE dbo.T; DROP TABLE IF EXISTS dbo.T;",
    );
    assert_eq!(
        try_run(&mut session, "DROP TABLE dbo.T").error_numbers(),
        [3701]
    );
}
