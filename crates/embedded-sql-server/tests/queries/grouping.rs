use embedded_sql_server::value::{Length, SqlType};

use crate::ask::{batch, decimal, error, lines};

#[test]
fn aggregates_have_sql_servers_types() {
    let answer = batch(
        "SELECT COUNT(*), COUNT_BIG(*), SUM(Id), SUM(CustomerId), SUM(Price), AVG(CustomerId), AVG(Price), MIN(Number), MAX(Started), COUNT(DISTINCT CustomerId), STRING_AGG(Number, ',') FROM dbo.Line",
    );
    assert_eq!(answer.errors, []);
    let types: Vec<_> = answer.sets[0]
        .columns
        .iter()
        .map(|column| column.sql_type)
        .collect();
    assert_eq!(
        types,
        [
            SqlType::Int,
            SqlType::BigInt,
            SqlType::BigInt,
            SqlType::Int,
            decimal(38, 2),
            SqlType::Int,
            decimal(38, 6),
            SqlType::NVarChar(Length::Limited(20)),
            SqlType::Date,
            SqlType::Int,
            SqlType::NVarChar(Length::Limited(4000)),
        ]
    );
    let shown: Vec<_> = answer.rows()[0].iter().map(crate::ask::shown).collect();
    assert_eq!(
        shown[..10],
        [
            "4",
            "4",
            "46",
            "4",
            "13.74",
            "1",
            "4.580000",
            "555-0001",
            "2026-01-15",
            "2"
        ]
    );
}

#[test]
fn aggregates_of_no_rows_are_null_and_counts_zero() {
    assert_eq!(
        lines("SELECT COUNT(*), SUM(Id), MAX(Number), AVG(Price) FROM dbo.Line WHERE Id < 0"),
        ["0|NULL|NULL|NULL"]
    );
    assert_eq!(
        lines("SELECT CustomerId, COUNT(*) FROM dbo.Line WHERE Id < 0 GROUP BY CustomerId"),
        Vec::<String>::new()
    );
}

#[test]
fn groups_form_by_keys_and_having_keeps_some() {
    assert_eq!(
        lines(
            "SELECT CustomerId, COUNT(*) AS n, SUM(Price) FROM dbo.Line GROUP BY CustomerId ORDER BY n DESC, CustomerId"
        ),
        ["1|2|3.75", "NULL|1|9.99", "2|1|NULL"]
    );
    assert_eq!(
        lines(
            "SELECT c.Name FROM dbo.Customer c JOIN dbo.Line l ON l.CustomerId = c.Id GROUP BY c.Id, c.Name HAVING COUNT(*) > 1"
        ),
        ["Alpha"]
    );
    assert_eq!(
        lines(
            "SELECT YEAR(Started), COUNT(*) FROM dbo.Line WHERE Started IS NOT NULL GROUP BY YEAR(Started) ORDER BY YEAR(Started)"
        ),
        ["2025|1", "2026|2"]
    );
    assert_eq!(
        lines(
            "SELECT t, COUNT(*) FROM (VALUES ('a'), ('A'), ('b')) AS v (t) GROUP BY t ORDER BY COUNT(*) DESC"
        ),
        ["a|2", "b|1"]
    );
    assert_eq!(
        lines("SELECT COUNT(*) FROM dbo.Line HAVING COUNT(*) > 10"),
        Vec::<String>::new()
    );
}

#[test]
fn string_agg_joins_in_order_without_nulls() {
    assert_eq!(
        lines("SELECT STRING_AGG(Code, ', ') WITHIN GROUP (ORDER BY Id DESC) FROM dbo.Customer"),
        ["B, A"]
    );
}

#[test]
fn conditional_aggregates_count_what_matches() {
    assert_eq!(
        lines(
            "SELECT SUM(CASE WHEN Price > 2 THEN 1 ELSE 0 END), COUNT(CASE WHEN Price IS NULL THEN 1 END) FROM dbo.Line"
        ),
        ["2|1"]
    );
}

#[test]
fn a_column_outside_group_by_is_an_error() {
    assert_eq!(
        error("SELECT CustomerId, Number FROM dbo.Line GROUP BY CustomerId"),
        8120
    );
    assert_eq!(error("SELECT COUNT(*), Number FROM dbo.Line"), 8120);
    assert_eq!(error("SELECT Id FROM dbo.Line WHERE COUNT(*) > 1"), 147);
    assert_eq!(error("SELECT SUM(COUNT(*)) FROM dbo.Line"), 130);
}

#[test]
fn a_sum_beyond_int_overflows() {
    assert_eq!(
        error("SELECT SUM(x) FROM (VALUES (2147483647), (1)) AS v (x)"),
        8115
    );
}

#[test]
fn having_needs_no_aggregate_in_the_list() {
    assert_eq!(lines("SELECT 1 FROM dbo.Line HAVING COUNT(*) > 1"), ["1"]);
    assert_eq!(
        lines(
            "SELECT Id FROM dbo.Customer c WHERE EXISTS (SELECT 1 FROM dbo.Line l WHERE l.CustomerId = c.Id HAVING COUNT(*) > 1)"
        ),
        ["1"]
    );
}

#[test]
fn an_outer_key_may_be_named_in_a_subquery_of_a_group() {
    assert_eq!(
        lines(
            "SELECT c.Id, (SELECT COUNT(*) FROM dbo.Line l WHERE l.CustomerId = c.Id) FROM dbo.Customer c GROUP BY c.Id ORDER BY c.Id"
        ),
        ["1|2", "2|1", "3|0"]
    );
    assert_eq!(
        lines("SELECT SUM(COUNT(*)) OVER () FROM dbo.Line GROUP BY CustomerId"),
        ["4", "4", "4"]
    );
}

#[test]
fn string_agg_beyond_its_type_is_an_error() {
    assert_eq!(
        error("SELECT STRING_AGG(REPLICATE(N'x', 4000), N',') FROM dbo.Line"),
        9829
    );
    assert_eq!(
        lines(
            "SELECT LEN(STRING_AGG(CAST(REPLICATE(N'x', 4000) AS nvarchar(max)), N',')) FROM dbo.Line"
        ),
        ["16003"]
    );
}
