//! CREATE and ALTER LOGIN, CREATE USER, CREATE ROLE, ALTER ROLE and GRANT, read from tokens.

use sqlparser::tokenizer::Token;

use super::{Verb, statement::Security};
use crate::batch::cursor::Cursor;
use crate::batch::statement::Action;
use crate::definitions::statement::Definition;
use crate::error::SqlError;

/// Whether one of these statements comes next.
pub(crate) fn is_security(cursor: &Cursor<'_>) -> bool {
    let of = |words: &[&str]| words.iter().any(|word| cursor.is_at(1, word));
    (cursor.is("CREATE") && of(&["LOGIN", "USER", "ROLE"]))
        || (cursor.is("ALTER") && of(&["ROLE", "LOGIN"]))
        || cursor.is("GRANT")
}

/// Reads one, with its own text out of the batch's.
pub(crate) fn security(part: &mut Cursor<'_>, text: &str) -> Result<Action, SqlError> {
    let text = part.text_from_here(text).to_owned();
    let security = if part.take("GRANT") {
        grant(part)?
    } else if part.take_all(&["ALTER", "LOGIN"]) {
        Security::AlterLogin {
            name: part.name()?,
            password: with_password(part)?,
        }
    } else if part.take_all(&["ALTER", "ROLE"]) {
        let role = part.name()?;
        if !part.take_all(&["ADD", "MEMBER"]) {
            return Err(SqlError::unsupported("ALTER ROLE other than ADD MEMBER"));
        }
        Security::AddMember {
            role,
            member: part.name()?,
        }
    } else {
        create(part)?
    };
    Ok(Action::Define {
        definition: Definition::Security(security),
        text,
    })
}

fn create(part: &mut Cursor<'_>) -> Result<Security, SqlError> {
    part.expect("CREATE")?;
    if part.take("ROLE") {
        let name = part.name()?;
        return Ok(Security::CreateRole { name });
    }
    if part.take("USER") {
        let name = part.name()?;
        if part.take_all(&["WITHOUT", "LOGIN"]) {
            return Ok(Security::CreateUser { name, login: None });
        }
        let login = if part.take_all(&["FOR", "LOGIN"]) || part.take_all(&["FROM", "LOGIN"]) {
            part.name()?
        } else {
            name.clone()
        };
        return Ok(Security::CreateUser {
            name,
            login: Some(login),
        });
    }
    part.expect("LOGIN")?;
    Ok(Security::CreateLogin {
        name: part.name()?,
        password: with_password(part)?,
    })
}

fn with_password(part: &mut Cursor<'_>) -> Result<String, SqlError> {
    part.expect("WITH")?;
    part.expect("PASSWORD")?;
    part.expect_token(&Token::Eq)?;
    let password = match part.peek(0) {
        Some(Token::SingleQuotedString(text) | Token::NationalStringLiteral(text)) => text.clone(),
        _ => return Err(part.incorrect()),
    };
    part.skip();
    Ok(password)
}

fn grant(part: &mut Cursor<'_>) -> Result<Security, SqlError> {
    let mut verbs = Vec::new();
    loop {
        let verb = match part.word(0).as_deref() {
            Some("SELECT") => Verb::Select,
            Some("INSERT") => Verb::Insert,
            Some("UPDATE") => Verb::Update,
            Some("DELETE") => Verb::Delete,
            Some("EXECUTE" | "EXEC") => Verb::Execute,
            _ => {
                return Err(SqlError::unsupported(format_args!(
                    "GRANT {}",
                    part.peek(0).map(ToString::to_string).unwrap_or_default()
                )));
            }
        };
        part.skip();
        verbs.push(verb);
        if !part.take_token(&Token::Comma) {
            break;
        }
    }
    if !part.take("ON") {
        return Err(SqlError::unsupported(
            "GRANT other than ON a table or procedure, with its columns after the name",
        ));
    }
    let object = part.object_name()?;
    let columns = if part.peek(0) == Some(&Token::LParen) {
        Some(part.name_list()?)
    } else {
        None
    };
    part.expect("TO")?;
    Ok(Security::Grant {
        verbs,
        object,
        columns,
        to: part.name()?,
    })
}
