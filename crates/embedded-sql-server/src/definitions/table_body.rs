//! Columns and constraints between the parentheses of a CREATE TABLE, a table variable, or after ALTER TABLE … ADD.

use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

use super::parse::filegroup;
use super::statement::{ColumnDefinition, ConstraintDefinition, RuleDefinition, TableDefinition};
use crate::batch::cursor::Cursor;
use crate::{catalog::IndexColumn, error::SqlError, translate::data_type};

/// Words that end a DEFAULT expression in a column definition.
const AFTER_DEFAULT: [&str; 11] = [
    "NOT",
    "NULL",
    "CONSTRAINT",
    "PRIMARY",
    "UNIQUE",
    "CHECK",
    "REFERENCES",
    "IDENTITY",
    "FOREIGN",
    "FOR",
    "WITH",
];

/// `(columns and constraints)`
pub(crate) fn table_body(part: &mut Cursor<'_>) -> Result<TableDefinition, SqlError> {
    let close = part.closing_parenthesis()?;
    part.expect_token(&Token::LParen)?;
    let mut inside = part.cut(close);
    part.skip();
    let definition = table_elements(&mut inside)?;
    inside.expect_done()?;
    Ok(definition)
}

/// Columns and constraints, separated by commas.
pub(super) fn table_elements(part: &mut Cursor<'_>) -> Result<TableDefinition, SqlError> {
    let mut table = TableDefinition::default();
    loop {
        if part.is_done() {
            // SQL Server allows a comma after the last element.
            return if table.columns.is_empty() && table.constraints.is_empty() {
                Err(part.incorrect())
            } else {
                Ok(table)
            };
        }
        element(part, &mut table)?;
        if !part.take_token(&Token::Comma) {
            return Ok(table);
        }
    }
}

fn element(part: &mut Cursor<'_>, table: &mut TableDefinition) -> Result<(), SqlError> {
    let name = constraint_name(part)?;
    if let Some(rule) = rule(part, None)? {
        table.constraints.push(ConstraintDefinition { name, rule });
        return Ok(());
    }
    if name.is_some() {
        return Err(part.incorrect());
    }
    if part.is("INDEX") {
        return Err(SqlError::unsupported("INDEX inside of CREATE TABLE"));
    }
    column(part, table)
}

fn constraint_name(part: &mut Cursor<'_>) -> Result<Option<String>, SqlError> {
    if part.take("CONSTRAINT") {
        part.name().map(Some)
    } else {
        Ok(None)
    }
}

fn column(part: &mut Cursor<'_>, table: &mut TableDefinition) -> Result<(), SqlError> {
    let name = part.name()?;
    if part.is("AS") {
        return Err(SqlError::unsupported(format_args!(
            "the computed column {name}"
        )));
    }
    let sql_type = data_type(&part.data_type()?)?;
    let mut column = ColumnDefinition {
        name,
        sql_type,
        nullable: None,
        identity: None,
        default: None,
    };
    while !part.is_done() && part.peek(0) != Some(&Token::Comma) {
        if part.take_all(&["NOT", "NULL"]) {
            column.nullable = Some(false);
        } else if part.take("NULL") {
            column.nullable = Some(true);
        } else if part.take("IDENTITY") {
            column.identity = Some(identity(part)?);
        } else {
            let constraint = constraint_name(part)?;
            if part.take("DEFAULT") {
                column.default = Some((constraint, default_value(part)?));
            } else if let Some(rule) = rule(part, Some(&column.name))? {
                table.constraints.push(ConstraintDefinition {
                    name: constraint,
                    rule,
                });
            } else {
                let word = part.peek(0).map(ToString::to_string).unwrap_or_default();
                return Err(SqlError::unsupported(format_args!(
                    "{word} in the definition of column {}",
                    column.name
                )));
            }
        }
    }
    table.columns.push(column);
    Ok(())
}

fn identity(part: &mut Cursor<'_>) -> Result<(i64, i64), SqlError> {
    if !part.take_token(&Token::LParen) {
        return Ok((1, 1));
    }
    let seed = part.whole_number()?;
    part.expect_token(&Token::Comma)?;
    let increment = part.whole_number()?;
    part.expect_token(&Token::RParen)?;
    Ok((seed, increment))
}

fn default_value(part: &mut Cursor<'_>) -> Result<Expr, SqlError> {
    let mut after_first = part.clone();
    after_first.skip();
    let end = if part.peek(0) == Some(&Token::LParen) {
        part.closing_parenthesis()? + 1
    } else {
        after_first.until(&AFTER_DEFAULT)
    };
    let mut value = part.clone().cut(end);
    let expression = value.expression()?;
    part.cut(value.position());
    Ok(expression)
}

/// A rule other than a column's DEFAULT, when one comes next. `column`: the column that it is written with.
fn rule(part: &mut Cursor<'_>, column: Option<&str>) -> Result<Option<RuleDefinition>, SqlError> {
    let own = |name: &str| {
        vec![IndexColumn {
            name: name.to_owned(),
            descending: false,
        }]
    };
    let rule = if part.take_all(&["PRIMARY", "KEY"]) {
        RuleDefinition::PrimaryKey(key(part, column.map(own))?)
    } else if part.take("UNIQUE") {
        RuleDefinition::Unique(key(part, column.map(own))?)
    } else if part.take("CHECK") {
        let close = part.closing_parenthesis()?;
        let mut condition = part.cut(close + 1);
        let expression = condition.expression()?;
        condition.expect_done()?;
        RuleDefinition::Check(expression)
    } else if part.take_all(&["FOREIGN", "KEY"]) {
        let columns = match column {
            Some(column) if part.is("REFERENCES") => vec![column.to_owned()],
            _ => part.name_list()?,
        };
        part.expect("REFERENCES")?;
        references(part, columns)?
    } else if column.is_some() && part.take("REFERENCES") {
        references(part, column.map(str::to_owned).into_iter().collect())?
    } else if column.is_none() && part.take("DEFAULT") {
        let expression = default_value(part)?;
        part.expect("FOR")?;
        RuleDefinition::Default {
            column: part.name()?,
            expression,
        }
    } else {
        return Ok(None);
    };
    Ok(Some(rule))
}

fn key(part: &mut Cursor<'_>, own: Option<Vec<IndexColumn>>) -> Result<Vec<IndexColumn>, SqlError> {
    let _ = part.take("CLUSTERED") || part.take("NONCLUSTERED");
    let columns = match own {
        Some(own) if part.peek(0) != Some(&Token::LParen) => own,
        _ => key_columns(part)?,
    };
    index_options(part)?;
    if part.take("ON") {
        filegroup(part)?;
    }
    Ok(columns)
}

/// `(a, b DESC)`
pub(super) fn key_columns(part: &mut Cursor<'_>) -> Result<Vec<IndexColumn>, SqlError> {
    part.expect_token(&Token::LParen)?;
    let mut columns = Vec::new();
    loop {
        let name = part.name()?;
        let descending = part.take("DESC");
        if !descending {
            part.take("ASC");
        }
        columns.push(IndexColumn { name, descending });
        if !part.take_token(&Token::Comma) {
            break;
        }
    }
    part.expect_token(&Token::RParen)?;
    Ok(columns)
}

/// `WITH (…)` of an index: how it is kept, never what it means, except `IGNORE_DUP_KEY`.
pub(super) fn index_options(part: &mut Cursor<'_>) -> Result<(), SqlError> {
    if part.is("WITH") && part.peek(1) == Some(&Token::LParen) {
        part.skip();
        let close = part.closing_parenthesis()?;
        if part.cut(close + 1).mentions("IGNORE_DUP_KEY") {
            return Err(SqlError::unsupported("IGNORE_DUP_KEY"));
        }
    }
    Ok(())
}

fn references(part: &mut Cursor<'_>, columns: Vec<String>) -> Result<RuleDefinition, SqlError> {
    let table = part.object_name()?;
    let referenced = if part.peek(0) == Some(&Token::LParen) {
        part.name_list()?
    } else {
        Vec::new()
    };
    while part.take("ON") {
        let event = part.word(0).unwrap_or_default();
        part.skip();
        if !part.take_all(&["NO", "ACTION"]) {
            return Err(SqlError::unsupported(format_args!(
                "ON {event} other than NO ACTION"
            )));
        }
    }
    Ok(RuleDefinition::ForeignKey {
        columns,
        table,
        referenced,
    })
}
