//! INSERT, UPDATE and DELETE, read from tokens: TOP, OUTPUT and the second FROM are T-SQL's own.

use sqlparser::ast::{Expr, Ident, TableWithJoins, With};
use sqlparser::tokenizer::Token;

use crate::batch::cursor::Cursor;
use crate::batch::parse::{assignment_operator, written_out};
use crate::batch::statement::{
    Action, Assignment, Delete, Insert, InsertSource, Output, Target, Update,
};
use crate::error::SqlError;

/// Words that end an OUTPUT list.
const AFTER_OUTPUT: [&str; 8] = [
    "INTO", "OUTPUT", "FROM", "WHERE", "SELECT", "VALUES", "DEFAULT", "OPTION",
];

/// [WITH …] INSERT [INTO] target [(columns)] [OUTPUT …] source
pub(crate) fn insert(part: &mut Cursor<'_>) -> Result<Action, SqlError> {
    let with = with(part)?;
    part.expect("INSERT")?;
    if part.is("TOP") {
        return Err(SqlError::unsupported("INSERT TOP"));
    }
    part.take("INTO");
    let target = target(part)?;
    hints(part)?;
    let columns = if part.peek(0) == Some(&Token::LParen) && !part.is_at(1, "SELECT") {
        part.name_list()?
    } else {
        Vec::new()
    };
    let outputs = outputs(part)?;
    let source = if part.take_all(&["DEFAULT", "VALUES"]) {
        InsertSource::Defaults
    } else if part.take("VALUES") {
        InsertSource::Values(value_rows(part)?)
    } else if part.is("SELECT") || part.is("WITH") || part.peek(0) == Some(&Token::LParen) {
        InsertSource::Query(Box::new(part.query()?))
    } else {
        return Err(SqlError::unsupported(
            "INSERT without VALUES, SELECT or DEFAULT VALUES",
        ));
    };
    Ok(Action::Insert(Box::new(Insert {
        with,
        target,
        columns,
        outputs,
        source,
    })))
}

fn value_rows(part: &mut Cursor<'_>) -> Result<Vec<Vec<Option<Expr>>>, SqlError> {
    let mut rows = Vec::new();
    loop {
        part.expect_token(&Token::LParen)?;
        let mut row = Vec::new();
        loop {
            row.push(if part.take("DEFAULT") {
                None
            } else {
                Some(part.expression()?)
            });
            if !part.take_token(&Token::Comma) {
                break;
            }
        }
        part.expect_token(&Token::RParen)?;
        rows.push(row);
        if !part.take_token(&Token::Comma) {
            return Ok(rows);
        }
    }
}

/// [WITH …] UPDATE [TOP (n)] target SET … [OUTPUT …] [FROM …] [WHERE …]
pub(crate) fn update(part: &mut Cursor<'_>) -> Result<Action, SqlError> {
    let with = with(part)?;
    part.expect("UPDATE")?;
    let top = top(part)?;
    let target = target(part)?;
    hints(part)?;
    part.expect("SET")?;
    let mut assignments = vec![assignment(part)?];
    while part.take_token(&Token::Comma) {
        assignments.push(assignment(part)?);
    }
    let outputs = outputs(part)?;
    let (from, filter) = from_where(part)?;
    Ok(Action::Update(Box::new(Update {
        with,
        top,
        target,
        assignments,
        outputs,
        from,
        filter,
    })))
}

fn assignment(part: &mut Cursor<'_>) -> Result<Assignment, SqlError> {
    let variable = part.peek_variable(0).map(str::to_owned);
    if variable.is_some() {
        part.skip();
        // `@v = column = value` sets both; `@v = value` the variable alone.
        let both = part.peek(0) == Some(&Token::Eq)
            && matches!(part.peek(1), Some(Token::Word(_)))
            && part.peek(2) == Some(&Token::Eq);
        if !both {
            let name = variable.clone().unwrap_or_default();
            let operator = assignment_operator(part)?;
            let value = value(part)?;
            return Ok(Assignment {
                column: None,
                variable,
                value: Some(written_out(
                    Expr::Identifier(Ident::new(name)),
                    operator,
                    value,
                )),
            });
        }
        part.skip();
    }
    let mut names = vec![Ident::new(part.name()?)];
    while part.take_token(&Token::Period) {
        names.push(Ident::new(part.name()?));
    }
    let column = names.last().map(|name| name.value.clone());
    let operator = assignment_operator(part)?;
    if operator.is_none() && part.take("DEFAULT") {
        return Ok(Assignment {
            column,
            variable,
            value: None,
        });
    }
    let own = if names.len() > 1 {
        Expr::CompoundIdentifier(names)
    } else {
        Expr::Identifier(names.swap_remove(0))
    };
    let value = written_out(own, operator, value(part)?);
    Ok(Assignment {
        column,
        variable,
        value: Some(value),
    })
}

/// The value of an assignment, which sqlparser must not read into the next clause.
fn value(part: &mut Cursor<'_>) -> Result<Expr, SqlError> {
    let end = part.until(&["OUTPUT", "FROM", "WHERE", "OPTION"]);
    let mut value = part.clone().cut(end);
    let expression = value.expression()?;
    part.cut(value.position());
    Ok(expression)
}

/// [WITH …] DELETE [TOP (n)] [FROM] target [OUTPUT …] [FROM …] [WHERE …]
pub(crate) fn delete(part: &mut Cursor<'_>) -> Result<Action, SqlError> {
    let with = with(part)?;
    part.expect("DELETE")?;
    let top = top(part)?;
    part.take("FROM");
    let target = target(part)?;
    hints(part)?;
    let outputs = outputs(part)?;
    let (from, filter) = from_where(part)?;
    Ok(Action::Delete(Box::new(Delete {
        with,
        top,
        target,
        outputs,
        from,
        filter,
    })))
}

fn with(part: &mut Cursor<'_>) -> Result<Option<With>, SqlError> {
    if part.is("WITH") {
        part.with().map(Some)
    } else {
        Ok(None)
    }
}

fn top(part: &mut Cursor<'_>) -> Result<Option<Expr>, SqlError> {
    if !part.take("TOP") {
        return Ok(None);
    }
    if part.peek(0) == Some(&Token::LParen) {
        let close = part.closing_parenthesis()?;
        part.skip();
        let mut count = part.cut(close);
        let expression = count.expression()?;
        count.expect_done()?;
        part.skip();
        if part.is("PERCENT") {
            return Err(SqlError::unsupported("TOP … PERCENT"));
        }
        return Ok(Some(expression));
    }
    // Without parentheses only a number may follow, which old scripts still do.
    let mut count = part.clone();
    count.whole_number()?;
    let end = count.position();
    part.cut(end).expression().map(Some)
}

fn target(part: &mut Cursor<'_>) -> Result<Target, SqlError> {
    match part.peek_variable(0) {
        Some(name) => {
            part.skip();
            Ok(Target::Variable(name.to_owned()))
        }
        None => part.object_name().map(Target::Table),
    }
}

/// `WITH (…)` behind a target: transactions are serial, so lock hints change nothing.
fn hints(part: &mut Cursor<'_>) -> Result<(), SqlError> {
    if part.is("WITH") && part.peek(1) == Some(&Token::LParen) {
        part.skip();
        let close = part.closing_parenthesis()?;
        part.cut(close + 1);
    }
    Ok(())
}

fn outputs(part: &mut Cursor<'_>) -> Result<Vec<Output>, SqlError> {
    let mut outputs = Vec::new();
    while part.take("OUTPUT") {
        let end = part.until(&AFTER_OUTPUT);
        let mut list = part.cut(end);
        let items = list.select_list()?;
        list.expect_done()?;
        let into = if part.take("INTO") {
            let target = target(part)?;
            let columns = if part.peek(0) == Some(&Token::LParen) && !part.is_at(1, "SELECT") {
                part.name_list()?
            } else {
                Vec::new()
            };
            Some((target, columns))
        } else {
            None
        };
        outputs.push(Output { items, into });
    }
    Ok(outputs)
}

fn from_where(part: &mut Cursor<'_>) -> Result<(Vec<TableWithJoins>, Option<Expr>), SqlError> {
    let from = if part.take("FROM") {
        part.tables()?
    } else {
        Vec::new()
    };
    let filter = if part.take("WHERE") {
        if part.is("CURRENT") {
            return Err(SqlError::unsupported("WHERE CURRENT OF"));
        }
        Some(part.expression()?)
    } else {
        None
    };
    Ok((from, filter))
}
