//! The catalog as rows: sys.tables and its like, with the columns that scripts usually ask for.

use serde_json::{Value as Json, json};

use super::{
    metadata::{byte_length, numbered, type_id},
    moments, rows_of_json,
    scope::{RowSource, Statement, same_name},
};
use crate::{
    catalog::{Catalog, IndexColumn, Rule, Table},
    value::{Column, Length, SqlType},
};

const NAME: SqlType = SqlType::NVarChar(Length::Limited(128));
const KIND: SqlType = SqlType::Char(2);
const WORDS: SqlType = SqlType::NVarChar(Length::Limited(60));

type View = (Vec<(&'static str, SqlType)>, Vec<Json>);

/// The view of this name; None when this server does not have it.
pub(super) fn view(
    statement: &Statement<'_>,
    schema: &str,
    name: &str,
) -> Option<(String, RowSource)> {
    let catalog = statement.catalog;
    let found = match (schema.to_lowercase().as_str(), name.to_lowercase().as_str()) {
        ("sys", "schemas") => (
            vec![("name", NAME), ("schema_id", SqlType::Int)],
            vec![json!(["dbo", 1]), json!(["sys", 4])],
        ),
        ("sys", "objects" | "all_objects") => objects(catalog, |_| true),
        ("sys", "tables") => objects(catalog, |kind| kind == "U"),
        ("sys", "procedures") => objects(catalog, |kind| kind == "P"),
        ("sys", "check_constraints") => objects(catalog, |kind| kind == "C"),
        ("sys", "foreign_keys") => objects(catalog, |kind| kind == "F"),
        ("sys", "key_constraints") => objects(catalog, |kind| kind == "PK" || kind == "UQ"),
        ("sys", "default_constraints") => objects(catalog, |kind| kind == "D"),
        ("sys", "columns") => columns(catalog),
        ("sys", "indexes") => indexes(catalog),
        ("sys", "index_columns") => index_columns(catalog),
        ("sys", "parameters") => parameters(catalog),
        ("information_schema", "tables") => tables(statement),
        _ => return None,
    };
    let (columns, rows) = found;
    let columns: Vec<Column> = columns
        .into_iter()
        .map(|(name, sql_type)| Column {
            name: name.to_owned(),
            sql_type,
            nullable: true,
        })
        .collect();
    Some(rows_of_json::known(
        statement,
        name,
        &columns,
        &Json::Array(rows),
    ))
}

fn described(kind: &str) -> &'static str {
    match kind {
        "U" => "USER_TABLE",
        "P" => "SQL_STORED_PROCEDURE",
        "PK" => "PRIMARY_KEY_CONSTRAINT",
        "UQ" => "UNIQUE_CONSTRAINT",
        "C" => "CHECK_CONSTRAINT",
        "F" => "FOREIGN_KEY_CONSTRAINT",
        _ => "DEFAULT_CONSTRAINT",
    }
}

fn objects(catalog: &Catalog, wanted: impl Fn(&str) -> bool) -> View {
    let columns = vec![
        ("name", NAME),
        ("object_id", SqlType::Int),
        ("schema_id", SqlType::Int),
        ("parent_object_id", SqlType::Int),
        ("type", KIND),
        ("type_desc", WORDS),
        ("create_date", SqlType::DateTime),
        ("modify_date", SqlType::DateTime),
        ("is_ms_shipped", SqlType::Bit),
    ];
    let row = |name: &str, id: i32, parent: i32, kind: &str, created| {
        let created = moments::moment_text(moments::round_to_ticks(created).unwrap_or(created));
        // char(2) pads what is shorter.
        json!([
            name,
            id,
            1,
            parent,
            format!("{kind:2}"),
            described(kind),
            created,
            created,
            0
        ])
    };
    let mut rows = Vec::new();
    for table in catalog.tables() {
        if wanted("U") {
            rows.push(row(&table.name, table.object_id, 0, "U", table.created));
        }
        for constraint in &table.constraints {
            let kind = constraint.rule.object_type();
            if wanted(kind) {
                rows.push(row(
                    &constraint.name,
                    constraint.object_id,
                    table.object_id,
                    kind,
                    table.created,
                ));
            }
        }
        for default in table
            .columns
            .iter()
            .filter_map(|column| column.default.as_ref())
        {
            if wanted("D") {
                rows.push(row(&default.name, 0, table.object_id, "D", table.created));
            }
        }
    }
    if wanted("P") {
        rows.extend(
            catalog
                .procedures()
                .map(|it| row(&it.name, it.object_id, 0, "P", it.created)),
        );
    }
    (columns, rows)
}

fn columns(catalog: &Catalog) -> View {
    let columns = vec![
        ("object_id", SqlType::Int),
        ("name", NAME),
        ("column_id", SqlType::Int),
        ("max_length", SqlType::SmallInt),
        ("precision", SqlType::TinyInt),
        ("scale", SqlType::TinyInt),
        ("is_nullable", SqlType::Bit),
        ("is_identity", SqlType::Bit),
        ("is_computed", SqlType::Bit),
        ("system_type_id", SqlType::TinyInt),
        ("user_type_id", SqlType::Int),
        ("default_object_id", SqlType::Int),
    ];
    let rows = catalog
        .tables()
        .flat_map(|table| {
            numbered(table).map(|(id, column)| {
                let (precision, scale) = match column.sql_type {
                    SqlType::Decimal { precision, scale } => (precision, scale),
                    SqlType::Bit => (1, 0),
                    SqlType::TinyInt => (3, 0),
                    SqlType::SmallInt => (5, 0),
                    SqlType::Int => (10, 0),
                    SqlType::BigInt => (19, 0),
                    SqlType::DateTime2(scale) => (if scale == 0 { 19 } else { 20 + scale }, scale),
                    _ => (0, 0),
                };
                json!([
                    table.object_id,
                    column.name,
                    id,
                    byte_length(column.sql_type),
                    precision,
                    scale,
                    i32::from(column.nullable),
                    i32::from(column.identity.is_some()),
                    0,
                    type_id(column.sql_type),
                    type_id(column.sql_type),
                    // Defaults have no id of their own here; 0 is for columns without one.
                    i32::from(column.default.is_some())
                ])
            })
        })
        .collect();
    (columns, rows)
}

fn parameters(catalog: &Catalog) -> View {
    let columns = vec![
        ("object_id", SqlType::Int),
        ("name", NAME),
        ("parameter_id", SqlType::Int),
        ("system_type_id", SqlType::TinyInt),
        ("user_type_id", SqlType::Int),
        ("max_length", SqlType::SmallInt),
        ("is_output", SqlType::Bit),
    ];
    let rows = catalog
        .procedures()
        .flat_map(|procedure| {
            procedure.parameters.iter().zip(1..).map(|(it, id)| {
                json!([
                    procedure.object_id,
                    it.name,
                    id,
                    type_id(it.sql_type),
                    type_id(it.sql_type),
                    byte_length(it.sql_type),
                    i32::from(it.output)
                ])
            })
        })
        .collect();
    (columns, rows)
}

fn indexes(catalog: &Catalog) -> View {
    let columns = vec![
        ("object_id", SqlType::Int),
        ("name", NAME),
        ("index_id", SqlType::Int),
        ("type", SqlType::TinyInt),
        ("type_desc", WORDS),
        ("is_unique", SqlType::Bit),
        ("is_primary_key", SqlType::Bit),
        ("is_unique_constraint", SqlType::Bit),
        ("has_filter", SqlType::Bit),
        ("is_disabled", SqlType::Bit),
    ];
    let mut rows = Vec::new();
    for table in catalog.tables() {
        let mut id = 0;
        for constraint in &table.constraints {
            let (primary, unique) = match constraint.rule {
                Rule::PrimaryKey(_) => (1, 0),
                Rule::Unique(_) => (0, 1),
                _ => continue,
            };
            id += 1;
            let (kind, words) = if primary == 1 {
                (1, "CLUSTERED")
            } else {
                (2, "NONCLUSTERED")
            };
            rows.push(json!([
                table.object_id,
                constraint.name,
                id,
                kind,
                words,
                1,
                primary,
                unique,
                0,
                0
            ]));
        }
        for index in &table.indexes {
            id += 1;
            rows.push(json!([
                table.object_id,
                index.name,
                id,
                2,
                "NONCLUSTERED",
                i32::from(index.unique),
                0,
                0,
                i32::from(index.filter.is_some()),
                0
            ]));
        }
    }
    (columns, rows)
}

/// Keys and indexes in the order in which [`indexes`] numbers them, with their columns.
fn keys(table: &Table) -> impl Iterator<Item = (usize, &[IndexColumn], &[String])> {
    let of_constraints = table.constraints.iter().filter_map(|it| match &it.rule {
        Rule::PrimaryKey(columns) | Rule::Unique(columns) => Some((columns.as_slice(), &[][..])),
        _ => None,
    });
    let of_indexes = table
        .indexes
        .iter()
        .map(|it| (it.columns.as_slice(), it.included.as_slice()));
    of_constraints
        .chain(of_indexes)
        .zip(1..)
        .map(|((columns, included), id)| (id, columns, included))
}

fn index_columns(catalog: &Catalog) -> View {
    let columns = vec![
        ("object_id", SqlType::Int),
        ("index_id", SqlType::Int),
        ("index_column_id", SqlType::Int),
        ("column_id", SqlType::Int),
        ("key_ordinal", SqlType::TinyInt),
        ("is_descending_key", SqlType::Bit),
        ("is_included_column", SqlType::Bit),
    ];
    let mut rows = Vec::new();
    for table in catalog.tables() {
        let number = |name: &str| {
            let found = numbered(table).find(|(_, column)| same_name(&column.name, name));
            found.map(|(id, _)| id)
        };
        for (index, key, included) in keys(table) {
            let in_key = key
                .iter()
                .zip(1..)
                .map(|(it, place)| (&it.name, place, it.descending));
            let beside = included.iter().map(|name| (name, 0, false));
            for ((name, place, descending), id) in in_key.chain(beside).zip(1..) {
                rows.push(json!([
                    table.object_id,
                    index,
                    id,
                    number(name),
                    place,
                    i32::from(descending),
                    i32::from(place == 0)
                ]));
            }
        }
    }
    (columns, rows)
}

fn tables(statement: &Statement<'_>) -> View {
    let columns = vec![
        ("TABLE_CATALOG", NAME),
        ("TABLE_SCHEMA", NAME),
        ("TABLE_NAME", NAME),
        ("TABLE_TYPE", SqlType::VarChar(Length::Limited(10))),
    ];
    let rows = statement
        .catalog
        .tables()
        .map(|table| json!([statement.session.database, "dbo", table.name, "BASE TABLE"]))
        .collect();
    (columns, rows)
}
