//! Rows on their way into a table: defaults, IDENTITY values, the table's rules.

use rusqlite::{params_from_iter, types::Value as Stored};

use super::target::{Found, no_column};
use super::violations::{Verb, violation};
use super::{Context, prepare};
use crate::batch::statement::Target;
use crate::catalog::Table;
use crate::error::SqlError;
use crate::permissions;
use crate::translate::{self, Scope, Statement, Typed, quote_name};
use crate::value::SqlType;

/// The columns that an INSERT gives, by position in the table; all but the IDENTITY column when none are named.
pub(super) fn given_columns(found: &Found<'_>, names: &[String]) -> Result<Vec<usize>, SqlError> {
    if names.is_empty() {
        return Ok((0..found.table.columns.len())
            .filter(|position| found.table.columns[*position].identity.is_none())
            .collect());
    }
    let mut positions = Vec::new();
    for name in names {
        let position = found
            .table
            .column_position(name)
            .ok_or_else(|| no_column(name))?;
        if positions.contains(&position) {
            let message = format!(
                "The column name '{name}' is specified more than once in the SET clause or column list of an INSERT."
            );
            return Err(SqlError::new(264, message));
        }
        if found.table.columns[position].identity.is_some() {
            let message = format!(
                "Cannot insert explicit value for identity column in table '{}' when IDENTITY_INSERT is set to OFF.",
                found.table.name
            );
            return Err(SqlError::new(544, message));
        }
        positions.push(position);
    }
    Ok(positions)
}

/// Takes note that rows are added, with these columns.
pub(super) fn note_insert(statement: &Statement<'_>, found: &Found<'_>, positions: &[usize]) {
    let object = found.table.object_id;
    statement
        .accesses
        .note(object, permissions::Verb::Insert, None);
    for position in positions {
        statement
            .accesses
            .note(object, permissions::Verb::Insert, Some(*position));
    }
}

/// The value of every column of the table, in order: given, by default, or NULL (also for IDENTITY, which comes later).
pub(super) fn full_row(
    context: &Context<'_, '_>,
    found: &Found<'_>,
    positions: &[usize],
    given: impl Fn(usize) -> Option<Typed>,
) -> Result<Vec<String>, SqlError> {
    let mut values = Vec::new();
    for (position, column) in found.table.columns.iter().enumerate() {
        let value = match positions.iter().position(|it| *it == position) {
            Some(place) => given(place),
            None => None,
        };
        values.push(match value {
            Some(value) => assigned(context, found, position, value)?,
            None if column.identity.is_some() => "NULL".to_owned(),
            None => default_value(context, found, position)?,
        });
    }
    Ok(values)
}

/// The value converted to the column's type.
pub(super) fn assigned(
    context: &Context<'_, '_>,
    found: &Found<'_>,
    position: usize,
    value: Typed,
) -> Result<String, SqlError> {
    let column = &found.table.columns[position];
    let typed = translate::assign(
        value,
        column.sql_type,
        &found.shown_in(context.database),
        &column.name,
    )?;
    Ok(typed.sql)
}

/// The column's DEFAULT, or NULL.
pub(super) fn default_value(
    context: &Context<'_, '_>,
    found: &Found<'_>,
    position: usize,
) -> Result<String, SqlError> {
    match &found.table.columns[position].default {
        Some(default) => {
            let value = translate::expression(&Scope::new(context.statement), &default.expression)?;
            assigned(context, found, position, value)
        }
        None => Ok("NULL".to_owned()),
    }
}

/// Inserts full rows, filling in their IDENTITY values. Answers the last of these.
pub(super) fn insert_rows(
    context: &mut Context<'_, '_>,
    found: &Found<'_>,
    rows: &mut [Vec<Stored>],
) -> Result<Option<i64>, SqlError> {
    let quoted = quote_name(found.storage);
    let names = found
        .table
        .columns
        .iter()
        .map(|column| quote_name(&column.name))
        .collect::<Vec<_>>()
        .join(", ");
    let places = vec!["?"; found.table.columns.len()].join(", ");
    let identity = found
        .table
        .identity_position()
        .and_then(|position| Some((position, found.table.columns[position].identity?)));
    let mut last = context.engine.identities.last(found.storage);
    let mut given = None;
    let mut result = Ok(());
    {
        let connection = &context.engine.connection;
        let mut insert = prepare(
            connection,
            &format!("INSERT INTO {quoted} ({names}) VALUES ({places})"),
        )?;
        for row in rows.iter_mut() {
            if let Some((position, identity)) = identity {
                let next = last.map_or(identity.seed, |last| {
                    last.saturating_add(identity.increment)
                });
                check_range(found.table, position, next)?;
                (last, given) = (Some(next), Some(next));
                row[position] = Stored::Integer(next);
            }
            if let Err(error) = insert.execute(params_from_iter(row.iter())) {
                result = Err(violation(&error, context, found, Verb::Insert, row));
                break;
            }
        }
    }
    // A value that was given stays given, whatever becomes of the row.
    if let (Some(last), Some(_)) = (last, given) {
        context.engine.identities.set_last(found.storage, last);
    }
    result.map(|()| given)
}

fn check_range(table: &Table, position: usize, value: i64) -> Result<(), SqlError> {
    let fits = match table.columns[position].sql_type {
        SqlType::TinyInt => u8::try_from(value).is_ok(),
        SqlType::SmallInt => i16::try_from(value).is_ok(),
        SqlType::Int => i32::try_from(value).is_ok(),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(SqlError::new(
            8115,
            "Arithmetic overflow error converting IDENTITY to data type int.",
        ))
    }
}

/// Inserts rows of other types into the target of an OUTPUT … INTO.
pub(super) fn insert_into(
    context: &mut Context<'_, '_>,
    target: &Target,
    names: &[String],
    types: &[(SqlType, bool)],
    rows: Vec<Vec<Stored>>,
) -> Result<(), SqlError> {
    let statement = context.statement;
    let found = super::target::find(statement, target)?;
    let positions = given_columns(&found, names)?;
    note_insert(statement, &found, &positions);
    check_width(positions.len(), types.len())?;
    // Each value is a parameter of its own, converted and completed by one prepared SELECT.
    let first = statement.bindings().len();
    let places: Vec<String> = types
        .iter()
        .map(|_| statement.bind_new(Stored::Null))
        .collect();
    let values = full_row(context, &found, &positions, |place| {
        types
            .get(place)
            .map(|(sql_type, nullable)| Typed::new(places[place].clone(), *sql_type, *nullable))
    })?;
    let sql = format!("SELECT {}", values.join(", "));
    let mut full = Vec::with_capacity(rows.len());
    {
        let mut prepared = prepare(&context.engine.connection, &sql)?;
        let mut bindings =
            statement.bindings_for(prepared.parameter_count().max(first + places.len()));
        let used = prepared.parameter_count();
        for row in rows {
            for (place, value) in row.into_iter().enumerate() {
                bindings[first + place] = value;
            }
            full.append(&mut super::read_prepared(&mut prepared, &bindings[..used])?);
        }
    }
    insert_rows(context, &found, &mut full)?;
    Ok(())
}

/// Errors 120 and 121: the select list and the column list must have the same length.
pub(super) fn check_width(columns: usize, values: usize) -> Result<(), SqlError> {
    match values.cmp(&columns) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => Err(SqlError::new(
            120,
            "The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.",
        )),
        std::cmp::Ordering::Greater => Err(SqlError::new(
            121,
            "The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.",
        )),
    }
}
