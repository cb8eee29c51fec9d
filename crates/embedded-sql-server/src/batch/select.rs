//! SELECT, read from tokens: with a result set, or to assign variables.

use sqlparser::ast::{BinaryOperator, Expr, SelectItem, SetExpr};
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::parse::reads;
use super::statement::{Action, Reading};
use crate::error::SqlError;

/// SELECT, with or without WITH: a result set, or `SELECT @a = …` when its list assigns.
pub(super) fn select(part: &mut Cursor<'_>) -> Result<Action, SqlError> {
    let assigns = select_list_assigns(part);
    let compound = assigns && select_list_has_compound(part);
    if compound {
        return Err(SqlError::unsupported("SELECT @variable += …"));
    }
    let reads = reads(part);
    let mut query = part.query()?;
    if !assigns {
        return Ok(Action::Select(Reading { query, reads }));
    }
    let refused = || {
        SqlError::new(
            141,
            "A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.",
        )
    };
    let SetExpr::Select(select) = query.body.as_mut() else {
        return Err(refused());
    };
    let mut targets = Vec::new();
    for item in &mut select.projection {
        // sqlparser reads `@a = x` as x with the alias @a, or as a comparison.
        let (target, value) = match item {
            SelectItem::ExprWithAlias { expr, alias } if alias.value.starts_with('@') => {
                (alias.value.clone(), expr.clone())
            }
            SelectItem::UnnamedExpr(Expr::BinaryOp {
                left,
                op: BinaryOperator::Eq,
                right,
            }) => match left.as_ref() {
                Expr::Identifier(name) if name.value.starts_with('@') => {
                    (name.value.clone(), right.as_ref().clone())
                }
                _ => return Err(refused()),
            },
            _ => return Err(refused()),
        };
        targets.push(target);
        *item = SelectItem::UnnamedExpr(value);
    }
    Ok(Action::Assign {
        targets,
        reading: Reading { query, reads },
    })
}

fn select_list_start<'a>(part: &Cursor<'a>) -> Cursor<'a> {
    let mut look = part.clone();
    let end = look.until(&["SELECT"]);
    look.cut(end);
    look.skip();
    let _ = look.take("DISTINCT") || look.take("ALL");
    if look.take("TOP") {
        if look.peek(0) == Some(&Token::LParen) {
            if let Ok(close) = look.closing_parenthesis() {
                look.cut(close + 1);
            }
        } else {
            look.skip();
        }
    }
    look
}

fn select_list_assigns(part: &Cursor<'_>) -> bool {
    let list = select_list_start(part);
    list.peek_variable(0).is_some()
        && (list.peek(1) == Some(&Token::Eq) || select_list_has_compound(part))
}

fn select_list_has_compound(part: &Cursor<'_>) -> bool {
    let list = select_list_start(part);
    let operator = matches!(
        list.peek(1),
        Some(Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod)
    );
    list.peek_variable(0).is_some() && operator && list.peek(2) == Some(&Token::Eq)
}
