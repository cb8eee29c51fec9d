//! EXEC, read from tokens.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::parse::condition;
use super::statement::{Action, Argument, Call, Callee};
use crate::error::SqlError;

/// EXEC [@status =] procedure arguments
pub(super) fn execute(part: &mut Cursor<'_>) -> Result<Action, SqlError> {
    part.skip();
    if part.peek(0) == Some(&Token::LParen) {
        return Err(SqlError::unsupported("EXEC of a text"));
    }
    let mut status = None;
    if part.peek(1) == Some(&Token::Eq) {
        status = Some(part.variable()?);
        part.skip();
    }
    let procedure = if part.peek_variable(0).is_some() {
        Callee::InVariable(part.variable()?)
    } else {
        Callee::Named(part.object_name()?)
    };
    let mut arguments = Vec::new();
    while !part.is_done() && !part.is("OPTION") {
        if !arguments.is_empty() {
            part.expect_token(&Token::Comma)?;
        }
        arguments.push(argument(part)?);
    }
    Ok(Action::Execute(Call {
        status,
        procedure,
        arguments,
    }))
}

fn argument(part: &mut Cursor<'_>) -> Result<Argument, SqlError> {
    let name = match (part.peek_variable(0), part.peek(1)) {
        (Some(name), Some(Token::Eq)) => {
            part.skip();
            part.skip();
            Some(name.to_owned())
        }
        _ => None,
    };
    if part.take("DEFAULT") {
        return Ok(Argument {
            name,
            value: None,
            output: None,
        });
    }
    let variable = part.peek_variable(0).map(str::to_owned);
    let value = condition(part)?;
    let output = if part.take("OUTPUT") || part.take("OUT") {
        Some(variable.ok_or_else(|| part.incorrect())?)
    } else {
        None
    };
    Ok(Argument {
        name,
        value: Some(value),
        output,
    })
}
