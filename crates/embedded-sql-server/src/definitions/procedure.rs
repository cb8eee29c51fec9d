//! CREATE PROCEDURE: its header, and the rest of the batch as its body.

use sqlparser::tokenizer::Token;

use super::statement::{Definition, Replace};
use crate::batch::cursor::Cursor;
use crate::batch::parse::StatementParser;
use crate::batch::statement::Action;
use crate::{catalog::ProcedureParameter, error::SqlError, translate::data_type};

/// Whether CREATE [OR ALTER] PROCEDURE or ALTER PROCEDURE comes next.
pub(crate) fn is_procedure(cursor: &Cursor<'_>) -> bool {
    let mut look = cursor.clone();
    header(&mut look).is_some()
}

fn header(cursor: &mut Cursor<'_>) -> Option<Replace> {
    let replace = if cursor.take_all(&["CREATE", "OR", "ALTER"]) {
        Replace::IfExists
    } else if cursor.take("CREATE") {
        Replace::Never
    } else {
        cursor.take("ALTER").then_some(Replace::Always)?
    };
    (cursor.take("PROCEDURE") || cursor.take("PROC")).then_some(replace)
}

/// Reads the definition; everything up to the end of the batch is its body.
pub(crate) fn procedure(
    cursor: &mut Cursor<'_>,
    parser: &mut StatementParser<'_>,
) -> Result<Action, SqlError> {
    let text = cursor.text_from_here(parser.text()).to_owned();
    if cursor.position() != 0 {
        let message = "'CREATE/ALTER PROCEDURE' must be the first statement in a query batch.";
        return Err(cursor.locate(SqlError::new(111, message)));
    }
    let replace = header(cursor).ok_or_else(|| cursor.incorrect())?;
    let name = cursor.object_name()?;
    let parenthesis = cursor.take_token(&Token::LParen);
    let mut parameters = Vec::new();
    while cursor.peek_variable(0).is_some() {
        parameters.push(parameter(cursor)?);
        if !cursor.take_token(&Token::Comma) {
            break;
        }
    }
    if parenthesis {
        cursor.expect_token(&Token::RParen)?;
    }
    if cursor.is("WITH") {
        return Err(cursor.locate(SqlError::unsupported("CREATE PROCEDURE … WITH")));
    }
    cursor.expect("AS")?;
    let body = parser.statements(cursor)?;
    Ok(Action::Define {
        definition: Definition::CreateProcedure {
            name,
            parameters,
            body,
            replace,
        },
        text,
    })
}

fn parameter(cursor: &mut Cursor<'_>) -> Result<ProcedureParameter, SqlError> {
    let name = cursor.variable()?;
    cursor.take("AS");
    let sql_type = data_type(&cursor.data_type()?)?;
    let default = if cursor.take_token(&Token::Eq) {
        Some(cursor.expression()?)
    } else {
        None
    };
    let output = cursor.take("OUTPUT") || cursor.take("OUT");
    if cursor.is("READONLY") {
        return Err(cursor.locate(SqlError::unsupported("a table-valued parameter")));
    }
    Ok(ProcedureParameter {
        name,
        sql_type,
        default,
        output,
    })
}
