//! OUTPUT: what was there before, what is there after, to the client and into tables.

use super::*;

const WORK: &str = "CREATE TABLE dbo.Work (Id int NOT NULL CONSTRAINT PK_Work PRIMARY KEY, Owner nvarchar(20) NULL, Fence int NOT NULL DEFAULT 0, DueAt int NOT NULL);
    INSERT INTO dbo.Work (Id, Owner, DueAt) VALUES (5, NULL, 1), (3, N'old', 1), (1, NULL, 9), (4, NULL, 1), (2, NULL, 1);";

#[test]
fn deleted_gives_the_values_before_and_inserted_those_after() {
    let mut session = session_with(WORK);
    let text = "UPDATE dbo.Work SET Owner = N'me', Fence = Fence + 1 OUTPUT inserted.Id, deleted.Owner AS was, inserted.Owner, inserted.Fence, deleted.Fence + 100 WHERE Id = 3";
    let collected = run(&mut session, text);
    assert_eq!(show(collected.rows()), "3,old,me,1,100");
    let names: Vec<&str> = collected.sets[0]
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["Id", "was", "Owner", "Fence", ""]);
    assert_eq!(collected.counts, [Some(1)]);
}

#[test]
fn update_top_claims_at_most_n_rows_in_key_order() {
    let mut session = session_with(WORK);
    let text = "DECLARE @n int = 2; UPDATE TOP (@n) w SET Owner = N'me', Fence = w.Fence + 1 OUTPUT inserted.Id, deleted.Owner FROM dbo.Work AS w WHERE w.DueAt <= 1 AND w.Fence = 0";
    assert_eq!(shown(&mut session, text), "2,NULL|3,old");
    assert_eq!(shown(&mut session, text), "4,NULL|5,NULL");
    assert_eq!(shown(&mut session, text), "");
}

#[test]
fn update_top_with_a_join_claims_each_row_once() {
    let mut session = session_with(WORK);
    let text = "DECLARE @wanted TABLE (Id int NOT NULL); INSERT INTO @wanted VALUES (2), (2), (3), (4), (5), (5);
        UPDATE TOP (3) w SET Fence = w.Fence + 1 OUTPUT inserted.Id, inserted.Fence, r.Id FROM dbo.Work AS w INNER JOIN @wanted AS r ON r.Id = w.Id WHERE w.DueAt <= 1; SELECT SUM(Fence) FROM dbo.Work";
    let collected = run(&mut session, text);
    assert_eq!(show(&collected.sets[0].rows), "2,1,2|3,1,3|4,1,4");
    assert_eq!(show(&collected.sets[1].rows), "3");
}

#[test]
fn the_update_alone_may_name_the_table_and_alias_it_in_from() {
    let mut session = session_with(WORK);
    assert_eq!(
        run(
            &mut session,
            "UPDATE dbo.Work SET Fence = 7 FROM dbo.Work AS w WHERE w.Id IN (1, 2)"
        )
        .counts,
        [Some(2)]
    );
    assert_eq!(run(&mut session, "UPDATE dbo.Work SET Fence = 8 FROM dbo.Work INNER JOIN (SELECT 1 AS Id) AS x ON x.Id = Work.Id").counts, [Some(1)]);
}

#[test]
fn output_into_a_table_variable_keeps_what_was_done() {
    let mut session = session_with(WORK);
    let text = "SET NOCOUNT ON; DECLARE @held TABLE (Id bigint NOT NULL PRIMARY KEY, Was nvarchar(50) NULL);
        UPDATE w SET Owner = N'me' OUTPUT inserted.Id, deleted.Owner INTO @held (Id, Was) FROM dbo.Work AS w WHERE w.Id < 4;
        DELETE FROM dbo.Work OUTPUT deleted.Id, N'gone' INTO @held WHERE Id = 5;
        SELECT h.Id, h.Was, w.Owner FROM @held AS h LEFT JOIN dbo.Work AS w ON w.Id = h.Id ORDER BY h.Id;";
    assert_eq!(
        shown(&mut session, text),
        "1,NULL,me|2,NULL,me|3,old,me|5,gone,NULL"
    );
}

#[test]
fn insert_output_gives_identities_and_defaults() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id bigint IDENTITY(100,5) NOT NULL, Name nvarchar(20) NOT NULL, Kind varchar(5) NOT NULL DEFAULT 'new');",
    );
    let collected = run(
        &mut session,
        "INSERT INTO dbo.T (Name) OUTPUT inserted.Id, inserted.Kind, UPPER(inserted.Name) AS Big VALUES (N'a'), (N'b')",
    );
    assert_eq!(show(collected.rows()), "100,new,A|105,new,B");
    assert_eq!(collected.counts, [Some(2)]);
    let text = "DECLARE @new TABLE (Id bigint NOT NULL, Name nvarchar(20) NOT NULL); INSERT INTO dbo.T (Name) OUTPUT inserted.Id, inserted.Name INTO @new (Id, Name) SELECT x.n FROM (SELECT N'c' AS n UNION ALL SELECT N'd') AS x ORDER BY x.n; SELECT Id, Name FROM @new ORDER BY Id";
    assert_eq!(shown(&mut session, text), "110,c|115,d");
    assert_eq!(
        shown(
            &mut session,
            "INSERT INTO dbo.T (Name, Kind) OUTPUT inserted.* VALUES (N'e', DEFAULT)"
        ),
        "120,e,new"
    );
}

#[test]
fn delete_output_gives_the_rows_that_went() {
    let mut session = session_with(WORK);
    assert_eq!(
        shown(
            &mut session,
            "DELETE TOP (2) FROM dbo.Work OUTPUT deleted.Id, deleted.DueAt WHERE DueAt = 1"
        ),
        "2,1|3,1"
    );
    assert_eq!(
        shown(
            &mut session,
            "DELETE w OUTPUT deleted.* FROM dbo.Work AS w INNER JOIN (SELECT 4 AS Id) AS x ON x.Id = w.Id"
        ),
        "4,NULL,0,1"
    );
    assert_eq!(
        shown(&mut session, "SELECT Id FROM dbo.Work ORDER BY Id"),
        "1|5"
    );
}

#[test]
fn a_new_value_that_changes_each_time_is_output_as_written() {
    let mut session = session_with(
        "CREATE TABLE dbo.T (Id int NOT NULL PRIMARY KEY, Mark uniqueidentifier NULL); INSERT INTO dbo.T (Id) VALUES (1), (2)",
    );
    let output = shown(
        &mut session,
        "UPDATE dbo.T SET Mark = NEWID() OUTPUT inserted.Id, inserted.Mark",
    );
    assert_eq!(
        output,
        shown(&mut session, "SELECT Id, Mark FROM dbo.T ORDER BY Id")
    );
    let inserted = shown(
        &mut session,
        "INSERT INTO dbo.T OUTPUT inserted.Mark VALUES (3, NEWID())",
    );
    assert_eq!(
        inserted,
        shown(&mut session, "SELECT Mark FROM dbo.T WHERE Id = 3")
    );
}
