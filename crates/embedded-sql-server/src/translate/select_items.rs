//! The items of a SELECT list.

use sqlparser::ast::{self, Expr, Ident, SelectItem, SelectItemQualifiedWildcardKind};

use super::{
    expression::expression,
    scope::{Form, RowSource, Scope, Typed},
};
use crate::error::SqlError;

/// A select item: its name, and its value.
pub(super) type Item = (String, Typed);

/// The items in order, with `*` written out.
pub(super) fn items(scope: &Scope<'_>, projection: &[SelectItem]) -> Result<Vec<Item>, SqlError> {
    let mut items = Vec::with_capacity(projection.len());
    for item in projection {
        match item {
            SelectItem::UnnamedExpr(expr) => {
                if let Expr::BinaryOp {
                    left,
                    op: ast::BinaryOperator::Eq,
                    ..
                } = expr
                {
                    assigned_variable(left)?;
                }
                let typed = expression(scope, expr)?;
                let name = match &typed.form {
                    Form::Column(name) => name.clone(),
                    _ => String::new(),
                };
                items.push((name, typed));
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                not_an_assignment(alias)?;
                items.push((alias.value.clone(), expression(scope, expr)?));
            }
            SelectItem::Wildcard(options) => {
                plain_wildcard(options)?;
                if scope.sources.is_empty() {
                    return Err(SqlError::new(263, "Must specify table to select from."));
                }
                for source in &scope.sources {
                    all_columns(scope, source, &mut items)?;
                }
            }
            SelectItem::QualifiedWildcard(
                SelectItemQualifiedWildcardKind::ObjectName(name),
                options,
            ) => {
                plain_wildcard(options)?;
                let source = name
                    .0
                    .last()
                    .and_then(|part| part.as_ident())
                    .and_then(|part| scope.source(&part.value));
                let source = source.ok_or_else(|| {
                    SqlError::new(107, format!("The column prefix '{name}' does not match with a table name or alias name used in the query."))
                })?;
                all_columns(scope, source, &mut items)?;
            }
            other => return Err(SqlError::unsupported(format_args!("select item {other}"))),
        }
    }
    Ok(items)
}

/// The parser reads `SELECT @a = b` as `b AS @a`; the interpreter takes assignments out before they come here.
fn not_an_assignment(alias: &Ident) -> Result<(), SqlError> {
    if alias.quote_style.is_none() && alias.value.starts_with('@') {
        return Err(SqlError::unsupported(format_args!(
            "SELECT {} = … as a part of a query",
            alias.value
        )));
    }
    Ok(())
}

fn assigned_variable(left: &Expr) -> Result<(), SqlError> {
    if let Expr::Identifier(name) = left {
        not_an_assignment(name)
    } else {
        Ok(())
    }
}

fn plain_wildcard(options: &ast::WildcardAdditionalOptions) -> Result<(), SqlError> {
    let ast::WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let plain = opt_ilike.is_none()
        && opt_exclude.is_none()
        && opt_except.is_none()
        && opt_replace.is_none()
        && opt_rename.is_none()
        && opt_alias.is_none();
    if plain {
        Ok(())
    } else {
        Err(SqlError::unsupported("* with options"))
    }
}

fn all_columns(
    scope: &Scope<'_>,
    source: &RowSource,
    items: &mut Vec<Item>,
) -> Result<(), SqlError> {
    for (position, column) in source.columns.iter().enumerate() {
        source.column_read(scope.statement, position);
        if scope
            .grouping
            .as_ref()
            .is_some_and(|grouping| !grouping.keys.contains(&column.sql))
        {
            return Err(SqlError::new(
                8120,
                format!(
                    "Column '{}.{}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
                    source.name, column.name
                ),
            ));
        }
        items.push((
            column.name.clone(),
            Typed {
                sql: column.sql.clone(),
                sql_type: column.sql_type,
                nullable: column.nullable,
                form: Form::Column(column.name.clone()),
            },
        ));
    }
    Ok(())
}
