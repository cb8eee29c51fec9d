//! What the parser reads as something else ends in an error, never in a wrong answer.

use crate::ask::{batch, error, lines};

#[test]
fn an_update_with_top_is_never_a_table_function() {
    let answer = batch("UPDATE TOP (1) l SET Price = 5 FROM dbo.Line AS l WHERE l.Id >= 10");
    assert!(
        answer.errors.is_empty() || answer.error_numbers() == [40000],
        "{:?}",
        answer.errors
    );
    assert_eq!(error("SELECT * FROM TOP(1)"), 40000);
}

#[test]
fn an_assigning_select_is_never_an_alias() {
    let answer = batch("DECLARE @a int = 1; SELECT @a = Id FROM dbo.Line WHERE Id = 10; SELECT @a");
    if answer.errors.is_empty() {
        assert_eq!(answer.sets.len(), 1);
        assert_eq!(crate::ask::shown(&answer.rows()[0][0]), "10");
    } else {
        assert_eq!(answer.error_numbers()[0], 40000);
    }
    assert_eq!(
        error("DECLARE @a int; SELECT * FROM (SELECT @a = Id FROM dbo.Line) AS d"),
        40000
    );
}

#[test]
fn an_alias_before_the_value_is_an_alias() {
    let answer = batch("SELECT k = Id FROM dbo.Line WHERE Id = 10");
    assert_eq!(answer.errors, []);
    assert_eq!(answer.sets[0].columns[0].name, "k");
}

#[test]
fn a_value_is_no_condition_and_a_condition_no_value() {
    assert_eq!(error("SELECT Id FROM dbo.Line WHERE Id"), 4145);
    assert_eq!(error("SELECT Id FROM dbo.Line WHERE 1"), 4145);
    assert_eq!(error("SELECT Id > 1 FROM dbo.Line"), 102);
}

#[test]
fn the_bracketed_and_the_quoted_name_are_names() {
    assert_eq!(
        lines("SELECT [Id], \"Number\" FROM [dbo].[Line] WHERE [Line].[Id] = 10"),
        ["10|555-0001"]
    );
}

#[test]
fn bit_operators_need_parentheses_because_the_parser_ranks_them() {
    for expression in ["5 & 3 | 8", "1 & 2 + 3", "1 + 2 & 3", "~5 * 2"] {
        assert_eq!(
            error(&format!("SELECT {expression}")),
            40000,
            "{expression}"
        );
    }
    assert_eq!(crate::ask::value("(1 & 2) + 3"), "3");
    assert_eq!(crate::ask::value("1 | 2 | 4"), "7");
}
