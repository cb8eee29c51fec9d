//! What a definition changes in the catalog, and the SQLite statements that go with it.

use rusqlite::{Error, ErrorCode};
use time::PrimitiveDateTime;

use super::fixed::fixed_condition;
use super::keys::{index_name, plain_index, unique_index};
use super::shape::{add_column, add_constraint, column_text, new_table, statements};
use super::statement::{Definition, Replace, RuleDefinition, TableDefinition};
use crate::catalog::{Catalog, Index, Procedure, Rule, Table};
use crate::error::SqlError;
use crate::failure::sqlite_error;
use crate::translate::{quote_name, same_name};
use crate::writes::is_duplicate;

/// Changes the catalog, and answers what SQLite has to run.
pub(super) fn apply(
    catalog: &mut Catalog,
    definition: &Definition,
    created: PrimitiveDateTime,
) -> Result<Vec<String>, SqlError> {
    match definition {
        Definition::CreateTable { name, definition } => {
            if catalog.object(name).is_some() {
                return Err(already(name));
            }
            let table = new_table(catalog, name, definition, created)?;
            let statements = statements(catalog, &table, &table.name, false)?;
            catalog.put_table(table);
            Ok(statements)
        }
        Definition::AddToTable { name, definition } => add_to_table(catalog, name, definition),
        Definition::DropConstraint { table, name } => drop_constraint(catalog, table, name),
        Definition::CreateIndex { table, index } => create_index(catalog, table, index),
        Definition::DropIndex {
            table,
            name,
            if_exists,
        } => drop_index(catalog, table, name, *if_exists),
        Definition::DropTable { name, if_exists } => drop_table(catalog, name, *if_exists),
        Definition::CreateProcedure {
            name,
            parameters,
            body,
            replace,
        } => {
            let old = catalog
                .procedure(name)
                .map(|old| (old.object_id, old.created));
            let (object_id, created) = match (replace, old) {
                (Replace::Never, Some(_)) => return Err(already(name)),
                (Replace::Always, None) => {
                    return Err(SqlError::new(208, format!("Invalid object name '{name}'.")));
                }
                (_, Some(old)) => old,
                (_, None) if catalog.object(name).is_some() => return Err(already(name)),
                (_, None) => (catalog.next_object_id(), created),
            };
            catalog.put_procedure(Procedure {
                name: name.clone(),
                object_id,
                parameters: parameters.clone(),
                body: body.clone(),
                created,
            });
            Ok(Vec::new())
        }
        Definition::Security(security) => {
            crate::permissions::apply(catalog, security)?;
            Ok(Vec::new())
        }
        Definition::DropProcedure { name, if_exists } => {
            if catalog.remove_procedure(name).is_none() && !if_exists {
                return Err(cannot_drop("procedure", name));
            }
            Ok(Vec::new())
        }
    }
}

fn already(name: &str) -> SqlError {
    SqlError {
        state: 6,
        ..SqlError::new(
            2714,
            format!("There is already an object named '{name}' in the database."),
        )
    }
}

fn cannot_drop(kind: &str, name: &str) -> SqlError {
    let message = format!(
        "Cannot drop the {kind} '{name}', because it does not exist or you do not have permission."
    );
    SqlError {
        class: 11,
        state: 5,
        ..SqlError::new(3701, message)
    }
}

fn known_table(catalog: &Catalog, name: &str) -> Result<Table, SqlError> {
    let missing = || {
        SqlError::new(
            1088,
            format!(
                "Cannot find the object \"dbo.{name}\" because it does not exist or you do not have permissions."
            ),
        )
    };
    catalog.table(name).cloned().ok_or_else(missing)
}

/// ALTER TABLE … ADD. SQLite cannot add a FOREIGN KEY to a table that exists.
fn add_to_table(
    catalog: &mut Catalog,
    name: &str,
    definition: &TableDefinition,
) -> Result<Vec<String>, SqlError> {
    let mut table = known_table(catalog, name)?;
    let mut statements = Vec::new();
    let quoted = quote_name(&table.name);
    for column in &definition.columns {
        if column.identity.is_some() {
            return Err(SqlError::unsupported(
                "ALTER TABLE … ADD of an IDENTITY column",
            ));
        }
        if column.nullable == Some(false) {
            return Err(SqlError::unsupported(
                "ALTER TABLE … ADD of a column that is NOT NULL",
            ));
        }
        add_column(&mut table, column)?;
        if let Some(added) = table.columns.last() {
            statements.push(format!(
                "ALTER TABLE {quoted} ADD COLUMN {}",
                column_text(added)
            ));
        }
    }
    for constraint in &definition.constraints {
        add_constraint(catalog, &mut table, constraint)?;
        match (&constraint.rule, table.constraints.last()) {
            (RuleDefinition::Default { .. }, _) => {}
            (RuleDefinition::Unique(key), Some(added)) => statements.extend(unique_index(
                &table,
                &table.name,
                false,
                &added.name,
                key,
                None,
            )),
            (RuleDefinition::Check(condition), Some(added)) => {
                let condition = fixed_condition(catalog, &table, condition)?;
                let name = quote_name(&added.name);
                statements.push(format!(
                    "ALTER TABLE {quoted} ADD CONSTRAINT {name} CHECK ({condition})"
                ));
            }
            _ => {
                return Err(SqlError::unsupported(
                    "ALTER TABLE … ADD of a PRIMARY KEY or FOREIGN KEY",
                ));
            }
        }
    }
    catalog.put_table(table);
    Ok(statements)
}

fn drop_constraint(
    catalog: &mut Catalog,
    name: &str,
    constraint: &str,
) -> Result<Vec<String>, SqlError> {
    let mut table = known_table(catalog, name)?;
    let default = table.columns.iter_mut().find(|column| {
        column
            .default
            .as_ref()
            .is_some_and(|default| same_name(&default.name, constraint))
    });
    if let Some(column) = default {
        column.default = None;
        catalog.put_table(table);
        return Ok(Vec::new());
    }
    let position = table
        .constraints
        .iter()
        .position(|it| same_name(&it.name, constraint));
    let position = position
        .ok_or_else(|| SqlError::new(3728, format!("'{constraint}' is not a constraint.")))?;
    let dropped = table.constraints.remove(position);
    let statements = match dropped.rule {
        Rule::Unique(_) => drop_index_text(&table.name, &dropped.name),
        Rule::Check(_) => vec![format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            quote_name(&table.name),
            quote_name(&dropped.name)
        )],
        Rule::PrimaryKey(_) | Rule::ForeignKey { .. } => {
            return Err(SqlError::unsupported(
                "DROP CONSTRAINT of a PRIMARY KEY or FOREIGN KEY",
            ));
        }
    };
    catalog.put_table(table);
    Ok(statements)
}

fn drop_index_text(table: &str, name: &str) -> Vec<String> {
    let of = |name: &str| format!("DROP INDEX IF EXISTS {}", index_name(table, name));
    vec![of(name), of(&format!("{name} (for queries)"))]
}

fn create_index(
    catalog: &mut Catalog,
    table: &str,
    index: &Index,
) -> Result<Vec<String>, SqlError> {
    let mut table = known_table(catalog, table)?;
    let taken = table
        .indexes
        .iter()
        .map(|it| &it.name)
        .chain(table.constraints.iter().map(|it| &it.name))
        .any(|name| same_name(name, &index.name));
    if taken {
        let message = format!(
            "The operation failed because an index or statistics with name '{}' already exists on table 'dbo.{}'.",
            index.name, table.name
        );
        return Err(SqlError::new(1913, message));
    }
    for column in index
        .columns
        .iter()
        .map(|column| &column.name)
        .chain(&index.included)
    {
        if table.column(column).is_none() {
            return Err(SqlError::new(
                1911,
                format!("Column name '{column}' does not exist in the target table or view."),
            ));
        }
    }
    let filter = index
        .filter
        .as_ref()
        .map(|filter| fixed_condition(catalog, &table, filter))
        .transpose()?;
    let filter = index.filter.as_ref().zip(filter.as_deref());
    let statements = if index.unique {
        unique_index(
            &table,
            &table.name,
            false,
            &index.name,
            &index.columns,
            filter,
        )
    } else {
        vec![plain_index(
            &table.name,
            false,
            &index.name,
            &index.columns,
            filter,
        )]
    };
    table.indexes.push(index.clone());
    catalog.put_table(table);
    Ok(statements)
}

fn drop_index(
    catalog: &mut Catalog,
    table: &str,
    name: &str,
    if_exists: bool,
) -> Result<Vec<String>, SqlError> {
    let missing = || {
        if if_exists {
            Ok(Vec::new())
        } else {
            Err(cannot_drop("index", &format!("{table}.{name}")))
        }
    };
    let Some(mut table) = catalog.table(table).cloned() else {
        return missing();
    };
    let Some(position) = table
        .indexes
        .iter()
        .position(|index| same_name(&index.name, name))
    else {
        return missing();
    };
    let dropped = table.indexes.remove(position);
    let statements = drop_index_text(&table.name, &dropped.name);
    catalog.put_table(table);
    Ok(statements)
}

fn drop_table(catalog: &mut Catalog, name: &str, if_exists: bool) -> Result<Vec<String>, SqlError> {
    let referenced = catalog.tables().any(|other| {
        let refers =
            |rule: &Rule| matches!(rule, Rule::ForeignKey { table, .. } if same_name(table, name));
        !same_name(&other.name, name)
            && other
                .constraints
                .iter()
                .any(|constraint| refers(&constraint.rule))
    });
    if referenced {
        return Err(SqlError::new(
            3726,
            format!(
                "Could not drop object '{name}' because it is referenced by a FOREIGN KEY constraint."
            ),
        ));
    }
    match catalog.remove_table(name) {
        Some(table) => Ok(vec![format!("DROP TABLE {}", quote_name(&table.name))]),
        None if if_exists => Ok(Vec::new()),
        None => Err(cannot_drop("table", name)),
    }
}

/// A definition that SQLite refused: rows that are there already break a new unique key, or a new CHECK.
pub(super) fn refused(
    error: &Error,
    database: &str,
    catalog: &Catalog,
    definition: &Definition,
) -> SqlError {
    let (table, name, check) = match definition {
        Definition::CreateIndex { table, index } => (table, index.name.as_str(), false),
        Definition::AddToTable { name, definition } => {
            let added = definition.constraints.first();
            let check = added.is_some_and(|it| matches!(it.rule, RuleDefinition::Check(_)));
            let constraint = added.and_then(|it| it.name.as_deref());
            (name, constraint.unwrap_or_default(), check)
        }
        _ => return sqlite_error(error),
    };
    let table = catalog
        .table(table)
        .map_or(table.as_str(), |table| &table.name);
    if is_duplicate(error) {
        let message = format!(
            "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name 'dbo.{table}' and the index name '{name}'."
        );
        return SqlError::new(1505, message);
    }
    if check && error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        let message = format!(
            "The ALTER TABLE statement conflicted with the CHECK constraint \"{name}\". The conflict occurred in database \"{database}\", table \"dbo.{table}\"."
        );
        return SqlError {
            state: 0,
            ..SqlError::new(547, message)
        };
    }
    sqlite_error(error)
}
