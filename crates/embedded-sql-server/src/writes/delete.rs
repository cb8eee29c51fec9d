//! DELETE [TOP (n)] … [OUTPUT …] [FROM …] [WHERE …], and TRUNCATE TABLE.

use super::output::{Cell, deliver, plan};
use super::target::find;
use super::update::{deleted, key_order, limit, once_each, sources};
use super::violations::{Verb, violation};
use super::{Context, Written, prepare, read, read_prepared};
use crate::batch::statement::{Delete, Target};
use crate::error::SqlError;
use crate::permissions;
use crate::translate::{self, Scope, quote_name};

/// Runs a DELETE.
pub(crate) fn delete(context: &mut Context<'_, '_>, delete: &Delete) -> Result<Written, SqlError> {
    let statement = context.statement;
    let mut scope = Scope::new(statement);
    let prefix = match &delete.with {
        Some(with) => translate::common_tables(&mut scope, with)?,
        None => String::new(),
    };
    let (from, source, found) = sources(&mut scope, context, &delete.from, &delete.target)?;
    let accesses = &statement.accesses;
    accesses.note(found.table.object_id, permissions::Verb::Delete, None);
    let filter = match &delete.filter {
        Some(filter) => Some(translate::condition(&scope, filter)?),
        None => None,
    };
    let filter = translate::with_hints(filter, &delete.from, &scope.sources)
        .map(|filter| format!(" WHERE {filter}"))
        .unwrap_or_default();
    let mut images = scope.clone();
    images.sources.push(deleted(&source));
    let mut list = vec![format!("{}.rowid", source.alias)];
    let mut outputs = Vec::new();
    for output in &delete.outputs {
        let columns = plan(&images, output)?;
        let first = list.len();
        for column in &columns {
            match &column.cell {
                Cell::Computed(sql) => list.push(sql.clone()),
                Cell::Inserted(_) => {
                    return Err(SqlError::unsupported("inserted in the OUTPUT of a DELETE"));
                }
            }
        }
        outputs.push((columns, first..list.len()));
    }
    let order = key_order(&source, &found);
    let top = limit(context, delete.top.as_ref())?;
    let rows = read(
        &context.engine.connection,
        statement,
        &format!(
            "{prefix}SELECT {} FROM {from}{filter} ORDER BY {order}",
            list.join(", ")
        ),
    )?;
    let rows = once_each(rows, top);
    {
        let mut prepared = prepare(
            &context.engine.connection,
            &format!("DELETE FROM {} WHERE rowid = ?1", quote_name(found.storage)),
        )?;
        for row in &rows {
            if let Err(error) = prepared.execute([&row[0]]) {
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
                let full =
                    read_prepared(&mut prepare(&context.engine.connection, &sql)?, &row[..1])?
                        .pop()
                        .unwrap_or_default();
                return Err(violation(&error, context, &found, Verb::Delete, &full));
            }
        }
    }
    let mut to_client = None;
    for (output, (columns, places)) in delete.outputs.iter().zip(outputs) {
        let picked = rows
            .iter()
            .map(|row| row[places.clone()].to_vec())
            .collect();
        deliver(context, output, &columns, picked, &mut to_client)?;
    }
    Ok(Written {
        count: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        output: to_client,
        ..Written::default()
    })
}

/// TRUNCATE TABLE: all rows, and IDENTITY starts again.
pub(crate) fn truncate(context: &mut Context<'_, '_>, table: &str) -> Result<Written, SqlError> {
    let target = Target::Table(table.to_owned());
    let found = find(context.statement, &target)?;
    if context.statement.session.restricted {
        let message = format!(
            "Cannot find the object \"{table}\" because it does not exist or you do not have permissions."
        );
        return Err(SqlError::new(1088, message));
    }
    let referenced = context.statement.catalog.tables().any(|other| {
        other.constraints.iter().any(|constraint| {
            matches!(&constraint.rule, crate::catalog::Rule::ForeignKey { table, .. } if translate::same_name(table, &found.table.name))
        })
    });
    if referenced {
        let message = format!(
            "Cannot truncate table 'dbo.{}' because it is being referenced by a FOREIGN KEY constraint.",
            found.table.name
        );
        return Err(SqlError::new(4712, message));
    }
    prepare(
        &context.engine.connection,
        &format!("DELETE FROM {}", quote_name(found.storage)),
    )?
    .execute([])
    .map_err(|error| violation(&error, context, &found, Verb::Delete, &[]))?;
    context.engine.identities.forget(found.storage);
    Ok(Written::default())
}
