//! INSERT … VALUES, INSERT … SELECT, INSERT … DEFAULT VALUES, with OUTPUT.

use rusqlite::types::Value as Stored;
use sqlparser::ast::Expr;

use super::output::{Cell, OutputColumn, deliver, placeholder, plan};
use super::rows::{check_width, default_value, full_row, given_columns, insert_rows, note_insert};
use super::target::{Found, find};
use super::{Context, OutputRows, Written, prepare, read, read_prepared};
use crate::batch::statement::{Insert, InsertSource, Output};
use crate::error::SqlError;
use crate::translate::{self, RowSource, Scope, Typed};

/// Runs an INSERT.
pub(crate) fn insert(context: &mut Context<'_, '_>, insert: &Insert) -> Result<Written, SqlError> {
    let statement = context.statement;
    let found = find(statement, &insert.target)?;
    let positions = given_columns(&found, &insert.columns)?;
    note_insert(statement, &found, &positions);
    let mut rows = source_rows(context, insert, &found, &positions)?;
    let identity = insert_rows(context, &found, &mut rows)?;
    let mut to_client = None;
    for output in &insert.outputs {
        send_output(context, &found, output, &rows, &mut to_client)?;
    }
    Ok(Written {
        count: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        output: to_client,
        identity,
        ..Written::default()
    })
}

fn source_rows(
    context: &Context<'_, '_>,
    insert: &Insert,
    found: &Found<'_>,
    positions: &[usize],
) -> Result<Vec<Vec<Stored>>, SqlError> {
    let statement = context.statement;
    let connection = &context.engine.connection;
    let mut scope = Scope::new(statement);
    let prefix = match &insert.with {
        Some(with) => translate::common_tables(&mut scope, with)?,
        None => String::new(),
    };
    match &insert.source {
        InsertSource::Query(query) => {
            let translated = translate::query(&scope, query)?;
            check_width(positions.len(), translated.columns.len())?;
            let alias = statement.fresh_alias();
            let values = full_row(context, found, positions, |place| {
                translated.column(&alias, place)
            })?;
            read(
                connection,
                statement,
                &format!(
                    "{prefix}SELECT {} FROM ({}) AS {alias}",
                    values.join(", "),
                    translated.sql
                ),
            )
        }
        InsertSource::Values(value_rows) => {
            let mut rows = Vec::with_capacity(value_rows.len());
            for row in value_rows {
                check_values(positions.len(), row.len())?;
                let values = row_of_values(context, found, positions, &scope, row)?;
                rows.append(&mut read(
                    connection,
                    statement,
                    &format!("SELECT {}", values.join(", ")),
                )?);
            }
            Ok(rows)
        }
        InsertSource::Defaults => {
            let values = full_row(context, found, &[], |_| None)?;
            read(
                connection,
                statement,
                &format!("SELECT {}", values.join(", ")),
            )
        }
    }
}

fn row_of_values(
    context: &Context<'_, '_>,
    found: &Found<'_>,
    positions: &[usize],
    scope: &Scope<'_>,
    row: &[Option<Expr>],
) -> Result<Vec<String>, SqlError> {
    let mut given: Vec<Option<Typed>> = Vec::with_capacity(row.len());
    for value in row {
        given.push(
            value
                .as_ref()
                .map(|value| translate::expression(scope, value))
                .transpose()?,
        );
    }
    let mut values = full_row(context, found, positions, |place| {
        given.get(place).cloned().flatten()
    })?;
    for (place, value) in row.iter().enumerate() {
        if value.is_none() {
            values[positions[place]] = default_value(context, found, positions[place])?;
        }
    }
    Ok(values)
}

fn check_values(columns: usize, values: usize) -> Result<(), SqlError> {
    match values.cmp(&columns) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => Err(SqlError::new(
            109,
            "There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.",
        )),
        std::cmp::Ordering::Greater => Err(SqlError::new(
            110,
            "There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.",
        )),
    }
}

fn send_output(
    context: &mut Context<'_, '_>,
    found: &Found<'_>,
    output: &Output,
    rows: &[Vec<Stored>],
    to_client: &mut Option<OutputRows>,
) -> Result<(), SqlError> {
    let statement = context.statement;
    // The rows just written are parameters of one prepared SELECT, so that OUTPUT can hold any expression.
    let first = statement.bindings().len();
    let columns = found.table.columns.iter();
    let columns = columns
        .map(|column| {
            placeholder(
                &column.name,
                column.sql_type,
                column.nullable,
                statement.bind_new(Stored::Null),
            )
        })
        .collect();
    let inserted = RowSource {
        name: "inserted".to_owned(),
        alias: "\"inserted\"".to_owned(),
        table: None,
        object: found.table.object_id,
        columns,
    };
    let scope = Scope::new(statement).with_sources(vec![inserted]);
    let columns = plan(&scope, output)?;
    let rows = output_rows(context, &columns, first, rows)?;
    deliver(context, output, &columns, rows, to_client)
}

fn output_rows(
    context: &Context<'_, '_>,
    columns: &[OutputColumn],
    first: usize,
    rows: &[Vec<Stored>],
) -> Result<Vec<Vec<Stored>>, SqlError> {
    let computed: Vec<&str> = columns
        .iter()
        .filter_map(|column| match &column.cell {
            Cell::Computed(sql) => Some(sql.as_str()),
            Cell::Inserted(_) => None,
        })
        .collect();
    let mut prepared = match computed.as_slice() {
        [] => None,
        _ => Some(prepare(
            &context.engine.connection,
            &format!("SELECT {}", computed.join(", ")),
        )?),
    };
    let mut bindings = context.statement.bindings();
    rows.iter()
        .map(|row| {
            let mut values = Vec::new();
            if let Some(prepared) = &mut prepared {
                bindings[first..first + row.len()].clone_from_slice(row);
                let used = prepared.parameter_count();
                values = read_prepared(prepared, &bindings[..used])?
                    .pop()
                    .unwrap_or_default();
            }
            let mut values = values.into_iter();
            Ok(columns
                .iter()
                .map(|column| match &column.cell {
                    Cell::Inserted(position) => row[*position].clone(),
                    Cell::Computed(_) => values.next().unwrap_or(Stored::Null),
                })
                .collect())
        })
        .collect()
}
