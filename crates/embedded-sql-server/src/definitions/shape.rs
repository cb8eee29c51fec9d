//! From a table's definition to its entry in the catalog and to the SQLite statements that make it.

use time::PrimitiveDateTime;

use super::fixed::fixed_condition;
use super::keys::unique_index;
use super::statement::{ColumnDefinition, ConstraintDefinition, RuleDefinition, TableDefinition};
use crate::catalog::{
    Catalog, ColumnDefault, Constraint, Identity, IndexColumn, Rule, Table, TableColumn,
};
use crate::error::SqlError;
use crate::translate::quote_name;
use crate::value::SqlType;

/// A table variable, kept in the temporary SQLite table `storage`.
pub(crate) fn table_variable(
    storage: &str,
    name: &str,
    definition: &TableDefinition,
    created: PrimitiveDateTime,
) -> Result<(Table, Vec<String>), SqlError> {
    let mut catalog = Catalog::default();
    let table = Table {
        object_id: 0,
        ..new_table(&mut catalog, name, definition, created)?
    };
    if table
        .constraints
        .iter()
        .any(|constraint| matches!(constraint.rule, Rule::ForeignKey { .. }))
    {
        return Err(SqlError::unsupported("a foreign key of a table variable"));
    }
    let statements = statements(&catalog, &table, storage, true)?;
    Ok((table, statements))
}

/// A table's entry in the catalog.
pub(super) fn new_table(
    catalog: &mut Catalog,
    name: &str,
    definition: &TableDefinition,
    created: PrimitiveDateTime,
) -> Result<Table, SqlError> {
    let mut table = Table {
        name: name.to_owned(),
        object_id: catalog.next_object_id(),
        columns: Vec::new(),
        constraints: Vec::new(),
        indexes: Vec::new(),
        created,
    };
    for column in &definition.columns {
        add_column(&mut table, column)?;
    }
    for constraint in &definition.constraints {
        add_constraint(catalog, &mut table, constraint)?;
    }
    Ok(table)
}

/// Adds a column to the catalog's table.
pub(super) fn add_column(table: &mut Table, column: &ColumnDefinition) -> Result<(), SqlError> {
    if table.column(&column.name).is_some() {
        let message = format!(
            "Column names in each table must be unique. Column name '{}' in table '{}' is specified more than once.",
            column.name, table.name
        );
        return Err(SqlError::new(2705, message));
    }
    if column.identity.is_some() && table.identity_position().is_some() {
        return Err(SqlError::new(
            2744,
            format!(
                "Multiple identity columns specified for table '{}'. Only one identity column per table is allowed.",
                table.name
            ),
        ));
    }
    let default = column
        .default
        .as_ref()
        .map(|(name, expression)| ColumnDefault {
            name: name
                .clone()
                .unwrap_or_else(|| format!("DF__{}__{}", table.name, column.name)),
            expression: expression.clone(),
        });
    table.columns.push(TableColumn {
        name: column.name.clone(),
        sql_type: column.sql_type,
        nullable: column.nullable.unwrap_or(column.identity.is_none()),
        identity: column
            .identity
            .map(|(seed, increment)| Identity { seed, increment }),
        default,
    });
    Ok(())
}

/// Adds a constraint to the catalog's table.
pub(super) fn add_constraint(
    catalog: &mut Catalog,
    table: &mut Table,
    constraint: &ConstraintDefinition,
) -> Result<(), SqlError> {
    let taken = |name: &str, table: &Table| {
        catalog.object(name).is_some()
            || table
                .constraints
                .iter()
                .any(|it| it.name.eq_ignore_ascii_case(name))
    };
    if let Some(name) = &constraint.name
        && taken(name, table)
    {
        return Err(SqlError::new(
            2714,
            format!("There is already an object named '{name}' in the database."),
        ));
    }
    let object_id = catalog.next_object_id();
    let made_up = |kind: &str| {
        constraint
            .name
            .clone()
            .unwrap_or_else(|| format!("{kind}__{}__{object_id:08X}", table.name))
    };
    let (name, rule) = match &constraint.rule {
        RuleDefinition::PrimaryKey(columns) => {
            if !table.primary_key().is_empty() {
                return Err(SqlError::new(
                    1779,
                    format!(
                        "Table '{}' already has a primary key defined on it.",
                        table.name
                    ),
                ));
            }
            let name = made_up("PK");
            for key in columns {
                let position = existing(table, &key.name)?;
                table.columns[position].nullable = false;
            }
            (name, Rule::PrimaryKey(columns.clone()))
        }
        RuleDefinition::Unique(columns) => {
            columns
                .iter()
                .try_for_each(|key| existing(table, &key.name).map(drop))?;
            (made_up("UQ"), Rule::Unique(columns.clone()))
        }
        RuleDefinition::Check(expression) => {
            (made_up("CK"), Rule::Check(Box::new(expression.clone())))
        }
        RuleDefinition::ForeignKey {
            columns,
            table: other,
            referenced,
        } => {
            columns
                .iter()
                .try_for_each(|column| existing(table, column).map(drop))?;
            (
                made_up("FK"),
                foreign_key(catalog, table, columns, other, referenced)?,
            )
        }
        RuleDefinition::Default { column, expression } => {
            let position = existing(table, column)?;
            let name = constraint
                .name
                .clone()
                .unwrap_or_else(|| format!("DF__{}__{column}", table.name));
            if table.columns[position].default.is_some() {
                return Err(SqlError::new(
                    1781,
                    "Column already has a DEFAULT bound to it.",
                ));
            }
            table.columns[position].default = Some(ColumnDefault {
                name,
                expression: expression.clone(),
            });
            return Ok(());
        }
    };
    table.constraints.push(Constraint {
        name,
        object_id,
        rule,
    });
    Ok(())
}

fn existing(table: &Table, column: &str) -> Result<usize, SqlError> {
    let missing = || {
        SqlError::new(
            1911,
            format!("Column name '{column}' does not exist in the target table or view."),
        )
    };
    table.column_position(column).ok_or_else(missing)
}

fn foreign_key(
    catalog: &Catalog,
    table: &Table,
    columns: &[String],
    other: &str,
    referenced: &[String],
) -> Result<Rule, SqlError> {
    let parent = if other.eq_ignore_ascii_case(&table.name) {
        Some(table)
    } else {
        catalog.table(other)
    };
    let parent = parent.ok_or_else(|| {
        SqlError::new(
            1767,
            format!("Foreign key references invalid table 'dbo.{other}'."),
        )
    })?;
    let referenced: Vec<String> = if referenced.is_empty() {
        parent
            .primary_key()
            .iter()
            .map(|key| key.name.clone())
            .collect()
    } else {
        referenced.to_vec()
    };
    let same = |key: &[IndexColumn]| {
        key.len() == referenced.len()
            && key.iter().all(|key| {
                referenced
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&key.name))
            })
    };
    let has_key = parent
        .constraints
        .iter()
        .any(|constraint| match &constraint.rule {
            Rule::PrimaryKey(key) | Rule::Unique(key) => same(key),
            _ => false,
        })
        || parent
            .indexes
            .iter()
            .any(|index| index.unique && index.filter.is_none() && same(&index.columns));
    if !has_key || columns.len() != referenced.len() {
        let message = format!(
            "There are no primary or candidate keys in the referenced table 'dbo.{}' that match the referencing column list in the foreign key.",
            parent.name
        );
        return Err(SqlError::new(1776, message));
    }
    if referenced
        .iter()
        .any(|name| parent.column(name).is_none_or(|column| column.nullable))
    {
        return Err(SqlError::unsupported(
            "a foreign key to columns that take NULL",
        ));
    }
    Ok(Rule::ForeignKey {
        columns: columns.to_vec(),
        table: parent.name.clone(),
        referenced,
    })
}

/// The SQLite statements that make a table with its keys.
pub(super) fn statements(
    catalog: &Catalog,
    table: &Table,
    storage: &str,
    temporary: bool,
) -> Result<Vec<String>, SqlError> {
    let mut parts: Vec<String> = table.columns.iter().map(column_text).collect();
    for constraint in &table.constraints {
        match &constraint.rule {
            Rule::Check(expression) => {
                parts.push(format!(
                    "CONSTRAINT {} CHECK ({})",
                    quote_name(&constraint.name),
                    fixed_condition(catalog, table, expression)?
                ));
            }
            Rule::ForeignKey {
                columns,
                table,
                referenced,
            } => {
                parts.push(format!(
                    "FOREIGN KEY ({}) REFERENCES {} ({})",
                    name_list(columns),
                    quote_name(table),
                    name_list(referenced)
                ));
            }
            Rule::PrimaryKey(_) | Rule::Unique(_) => {}
        }
    }
    let temp = if temporary { "TEMP " } else { "" };
    let mut statements = vec![format!(
        "CREATE {temp}TABLE {} ({}) STRICT",
        quote_name(storage),
        parts.join(", ")
    )];
    for constraint in &table.constraints {
        if let Rule::PrimaryKey(key) | Rule::Unique(key) = &constraint.rule {
            statements.extend(unique_index(
                table,
                storage,
                temporary,
                &constraint.name,
                key,
                None,
            ));
        }
    }
    Ok(statements)
}

/// A column of a SQLite table.
pub(super) fn column_text(column: &TableColumn) -> String {
    let kind = match column.sql_type {
        SqlType::Bit
        | SqlType::TinyInt
        | SqlType::SmallInt
        | SqlType::Int
        | SqlType::BigInt
        | SqlType::Decimal { .. } => "INTEGER",
        SqlType::Float => "REAL",
        SqlType::NVarChar(_) | SqlType::VarChar(_) | SqlType::Char(_) | SqlType::NChar(_) => {
            "TEXT COLLATE MSSQL"
        }
        SqlType::VarBinary(_) | SqlType::Binary(_) => "BLOB",
        SqlType::UniqueIdentifier
        | SqlType::Date
        | SqlType::DateTime2(_)
        | SqlType::DateTime
        | SqlType::DateTimeOffset(_) => "TEXT",
    };
    let null = if column.nullable { "" } else { " NOT NULL" };
    format!("{} {kind}{null}", quote_name(&column.name))
}

fn name_list(names: &[String]) -> String {
    names
        .iter()
        .map(|name| quote_name(name))
        .collect::<Vec<_>>()
        .join(", ")
}
