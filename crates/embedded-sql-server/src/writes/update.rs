//! UPDATE [TOP (n)] … SET … [OUTPUT …] [FROM …] [WHERE …]

use std::collections::HashSet;

use rusqlite::{
    params_from_iter,
    types::{Value as Stored, ValueRef},
};

use super::output::{Cell, OutputColumn, deliver, plan};
use super::rows::{assigned, default_value};
use super::target::{Found, find, find_source, no_column};
use super::violations::{Verb, is_duplicate, violation};
use super::{Context, Written, prepare, read};
use crate::batch::statement::{Assignment, Target, Update};
use crate::error::SqlError;
use crate::permissions;
use crate::translate::{self, RowSource, Scope, SourceColumn, quote_name};
use crate::value::{SqlType, Value};

/// A column or variable that is set, with its new value.
struct NewValue {
    column: Option<usize>,
    variable: Option<(String, SqlType)>,
    sql: String,
}

/// Runs an UPDATE.
pub(crate) fn update(context: &mut Context<'_, '_>, update: &Update) -> Result<Written, SqlError> {
    let statement = context.statement;
    let mut scope = Scope::new(statement);
    let prefix = match &update.with {
        Some(with) => translate::common_tables(&mut scope, with)?,
        None => String::new(),
    };
    let (from, source, found) = sources(&mut scope, context, &update.from, &update.target)?;
    let new_values = new_values(context, &scope, &found, &update.assignments)?;
    let filter = match &update.filter {
        Some(filter) => Some(translate::condition(&scope, filter)?),
        None => None,
    };
    let filter = translate::with_hints(filter, &update.from, &scope.sources)
        .map(|filter| format!(" WHERE {filter}"))
        .unwrap_or_default();

    // OUTPUT may name the FROM items beside the row before and after.
    let mut images = scope.clone();
    images.sources.push(inserted(&source, &new_values));
    images.sources.push(deleted(&source));
    let mut outputs = Vec::new();
    for output in &update.outputs {
        outputs.push(plan(&images, output)?);
    }

    let mut list = vec![format!("{}.rowid", source.alias)];
    list.extend(new_values.iter().map(|new| new.sql.clone()));
    let selections = select_outputs(&mut list, &outputs, &source, &new_values);
    let order = key_order(&source, &found);
    let top = limit(context, update.top.as_ref())?;
    let rows = read(
        &context.engine.connection,
        statement,
        &format!(
            "{prefix}SELECT {} FROM {from}{filter} ORDER BY {order}",
            list.join(", ")
        ),
    )?;
    let rows = once_each(rows, top);

    write_rows(context, &found, &new_values, &rows)?;
    let mut to_client = None;
    for ((output, columns), places) in update.outputs.iter().zip(&outputs).zip(&selections) {
        let picked = rows
            .iter()
            .map(|row| places.iter().map(|place| row[*place].clone()).collect())
            .collect();
        deliver(context, output, columns, picked, &mut to_client)?;
    }
    let variables = variables(&new_values, rows.last())?;
    Ok(Written {
        count: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        output: to_client,
        variables,
        identity: None,
    })
}

/// The number of a TOP.
pub(super) fn limit(
    context: &Context<'_, '_>,
    top: Option<&sqlparser::ast::Expr>,
) -> Result<usize, SqlError> {
    let Some(top) = top else {
        return Ok(usize::MAX);
    };
    let sql = translate::row_limit(&Scope::new(context.statement), top)?;
    let count = read(
        &context.engine.connection,
        context.statement,
        &format!("SELECT {sql}"),
    )?;
    match count.first().and_then(|row| row.first()) {
        Some(Stored::Integer(count)) => Ok(usize::try_from(*count).unwrap_or_default()),
        _ => Err(SqlError::unsupported("a TOP that is no number")),
    }
}

/// The text after FROM, the source that is written to, and its table.
pub(super) fn sources<'a>(
    scope: &mut Scope<'a>,
    context: &Context<'a, '_>,
    from: &[sqlparser::ast::TableWithJoins],
    target: &Target,
) -> Result<(String, RowSource, Found<'a>), SqlError> {
    let statement = context.statement;
    if from.is_empty() {
        let found = find(statement, target)?;
        let name = match target {
            Target::Table(name) | Target::Variable(name) => name,
        };
        let source = RowSource::of_table(statement, name, found.storage, found.table);
        scope.sources.push(source.clone());
        return Ok((
            format!("{} AS {}", quote_name(found.storage), source.alias),
            source,
            found,
        ));
    }
    let text = translate::from_clause(scope, from)?;
    let (source, found) = find_source(scope, statement, target)?;
    Ok((text, source, found))
}

fn new_values(
    context: &Context<'_, '_>,
    scope: &Scope<'_>,
    found: &Found<'_>,
    assignments: &[Assignment],
) -> Result<Vec<NewValue>, SqlError> {
    let mut values: Vec<NewValue> = Vec::new();
    for assignment in assignments {
        let column = match &assignment.column {
            Some(name) => Some(
                found
                    .table
                    .column_position(name)
                    .ok_or_else(|| no_column(name))?,
            ),
            None => None,
        };
        if let Some(position) = column {
            let accesses = &context.statement.accesses;
            accesses.note(
                found.table.object_id,
                permissions::Verb::Update,
                Some(position),
            );
            let name = &found.table.columns[position].name;
            if found.table.columns[position].identity.is_some() {
                return Err(SqlError::new(
                    8102,
                    format!("Cannot update identity column '{name}'."),
                ));
            }
            if values.iter().any(|value| value.column == column) {
                let message = format!(
                    "The column name '{name}' is specified more than once in the SET clause or column list of an INSERT."
                );
                return Err(SqlError::new(264, message));
            }
        }
        let typed = assignment
            .value
            .as_ref()
            .map(|value| translate::expression(scope, value))
            .transpose()?;
        let (sql, sql_type) = match (typed, column) {
            (Some(typed), Some(position)) => (
                assigned(context, found, position, typed)?,
                found.table.columns[position].sql_type,
            ),
            (Some(typed), None) => (typed.sql, typed.sql_type),
            (None, Some(position)) => (
                default_value(context, found, position)?,
                found.table.columns[position].sql_type,
            ),
            (None, None) => return Err(SqlError::unsupported("an assignment without a value")),
        };
        let variable = assignment.variable.clone().map(|name| (name, sql_type));
        values.push(NewValue {
            column,
            variable,
            sql,
        });
    }
    Ok(values)
}

fn inserted(source: &RowSource, new_values: &[NewValue]) -> RowSource {
    let column = |(position, column): (usize, &SourceColumn)| {
        let new = new_values.iter().find(|new| new.column == Some(position));
        SourceColumn {
            sql: new.map_or_else(|| column.sql.clone(), |new| new.sql.clone()),
            ..column.clone()
        }
    };
    let columns = source.columns.iter().enumerate().map(column).collect();
    RowSource {
        name: "inserted".to_owned(),
        table: None,
        columns,
        ..source.clone()
    }
}

/// The row as it was.
pub(super) fn deleted(source: &RowSource) -> RowSource {
    RowSource {
        name: "deleted".to_owned(),
        table: None,
        ..source.clone()
    }
}

/// Adds what the OUTPUT clauses need to the select list, and answers where each of their columns is in it.
/// A plain `inserted.x` is the very value that is written, even when its expression would give another the second time (NEWID).
fn select_outputs(
    list: &mut Vec<String>,
    outputs: &[Vec<OutputColumn>],
    source: &RowSource,
    new_values: &[NewValue],
) -> Vec<Vec<usize>> {
    let mut select = |sql: &str| {
        list.push(sql.to_owned());
        list.len() - 1
    };
    let place = |cell: &Cell, select: &mut dyn FnMut(&str) -> usize| match cell {
        Cell::Computed(sql) => select(sql),
        Cell::Inserted(position) => match new_values
            .iter()
            .position(|new| new.column == Some(*position))
        {
            // The row's key comes first.
            Some(index) => index + 1,
            None => select(&source.columns[*position].sql),
        },
    };
    outputs
        .iter()
        .map(|columns| {
            columns
                .iter()
                .map(|column| place(&column.cell, &mut select))
                .collect()
        })
        .collect()
}

/// By primary key, so that TOP and OUTPUT go in key order.
pub(super) fn key_order(source: &RowSource, found: &Found<'_>) -> String {
    let mut keys: Vec<String> = found
        .table
        .primary_key()
        .iter()
        .filter_map(|key| {
            Some(format!(
                "{}{}",
                source.column(&key.name)?.sql,
                if key.descending { " DESC" } else { "" }
            ))
        })
        .collect();
    if keys.is_empty() {
        keys.push(format!("{}.rowid", source.alias));
    }
    keys.join(", ")
}

/// Each row of the target once, with the first of the rows that it was joined to, and at most `top` of them.
pub(super) fn once_each(rows: Vec<Vec<Stored>>, top: usize) -> Vec<Vec<Stored>> {
    let mut seen = HashSet::new();
    let first_time =
        |row: &Vec<Stored>| matches!(row.first(), Some(Stored::Integer(key)) if seen.insert(*key));
    rows.into_iter().filter(first_time).take(top).collect()
}

fn write_rows(
    context: &mut Context<'_, '_>,
    found: &Found<'_>,
    new_values: &[NewValue],
    rows: &[Vec<Stored>],
) -> Result<(), SqlError> {
    let written: Vec<(usize, usize)> = new_values
        .iter()
        .enumerate()
        .filter_map(|(index, new)| Some((new.column?, index + 1)))
        .collect();
    if written.is_empty() {
        return Ok(());
    }
    let sets: Vec<String> = written
        .iter()
        .enumerate()
        .map(|(place, (position, _))| {
            format!(
                "{} = ?{}",
                quote_name(&found.table.columns[*position].name),
                place + 2
            )
        })
        .collect();
    let sql = format!(
        "UPDATE {} SET {} WHERE rowid = ?1",
        quote_name(found.storage),
        sets.join(", ")
    );
    let mut update = prepare(&context.engine.connection, &sql)?;
    // SQL Server looks at unique keys when all rows are written, SQLite after each: a row in the way of another may go first.
    let mut waiting: Vec<&Vec<Stored>> = rows.iter().collect();
    while !waiting.is_empty() {
        let (mut refused, mut first) = (Vec::new(), None);
        for row in &waiting {
            let values =
                std::iter::once(&row[0]).chain(written.iter().map(|(_, place)| &row[*place]));
            match update.execute(params_from_iter(values)) {
                Ok(_) => {}
                Err(error) if is_duplicate(&error) => {
                    refused.push(*row);
                    first.get_or_insert((error, *row));
                }
                Err(error) => {
                    return Err(violation(
                        &error,
                        context,
                        found,
                        Verb::Update,
                        &row_after(context, found, row, &written)?,
                    ));
                }
            }
        }
        if let Some((error, row)) = first
            && refused.len() == waiting.len()
        {
            return Err(violation(
                &error,
                context,
                found,
                Verb::Update,
                &row_after(context, found, row, &written)?,
            ));
        }
        waiting = refused;
    }
    Ok(())
}

/// All columns of a row as the UPDATE would leave it, for the words of an error.
fn row_after(
    context: &Context<'_, '_>,
    found: &Found<'_>,
    row: &[Stored],
    written: &[(usize, usize)],
) -> Result<Vec<Stored>, SqlError> {
    let names: Vec<String> = found
        .table
        .columns
        .iter()
        .map(|column| quote_name(&column.name))
        .collect();
    let sql = format!(
        "SELECT {} FROM {} WHERE rowid = ?1",
        names.join(", "),
        quote_name(found.storage)
    );
    let mut prepared = prepare(&context.engine.connection, &sql)?;
    let mut full = super::read_prepared(&mut prepared, &row[..1])?
        .pop()
        .unwrap_or_default();
    for (position, place) in written {
        if let Some(cell) = full.get_mut(*position) {
            cell.clone_from(&row[*place]);
        }
    }
    Ok(full)
}

fn variables(
    new_values: &[NewValue],
    last: Option<&Vec<Stored>>,
) -> Result<Vec<(String, Value, SqlType)>, SqlError> {
    let Some(last) = last else {
        return Ok(Vec::new());
    };
    let mut variables = Vec::new();
    for (index, new) in new_values.iter().enumerate() {
        if let Some((name, sql_type)) = &new.variable {
            variables.push((
                name.clone(),
                translate::decode(ValueRef::from(&last[index + 1]), *sql_type)?,
                *sql_type,
            ));
        }
    }
    Ok(variables)
}
