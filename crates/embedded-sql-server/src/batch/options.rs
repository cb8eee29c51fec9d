//! SET options: those with an effect, and those that restate how this server always works. Any other value is refused.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::statement::SessionOption;
use crate::error::SqlError;

/// Options that have one value here or no effect, with the values that are known.
const FIXED: [(&str, &str); 15] = [
    ("ANSI_NULLS", "ON"),
    ("ANSI_PADDING", "ON"),
    ("ANSI_WARNINGS", "ON"),
    ("ANSI_NULL_DFLT_ON", "ON"),
    ("ANSI_DEFAULTS", "ON"),
    ("ARITHABORT", "ON"),
    ("CONCAT_NULL_YIELDS_NULL", "ON"),
    ("QUOTED_IDENTIFIER", "ON"),
    ("NUMERIC_ROUNDABORT", "OFF"),
    // There are no cursors that a COMMIT could close or leave open.
    ("CURSOR_CLOSE_ON_COMMIT", "OFF"),
    ("CURSOR_CLOSE_ON_COMMIT", "ON"),
    ("FMTONLY", "OFF"),
    ("NOEXEC", "OFF"),
    ("PARSEONLY", "OFF"),
    ("ROWCOUNT", "0"),
];

/// The option after SET.
pub(crate) fn session_option(part: &mut Cursor<'_>) -> Result<SessionOption, SqlError> {
    if part.take_all(&["TRANSACTION", "ISOLATION", "LEVEL"]) {
        // Transactions are serial, which keeps the promises of every level.
        let levels: [&[&str]; 5] = [
            &["READ", "UNCOMMITTED"],
            &["READ", "COMMITTED"],
            &["REPEATABLE", "READ"],
            &["SNAPSHOT"],
            &["SERIALIZABLE"],
        ];
        return if levels.iter().any(|level| part.take_all(level)) {
            Ok(SessionOption::Nothing)
        } else {
            Err(part.incorrect())
        };
    }
    if part.is("IDENTITY_INSERT") {
        return Err(SqlError::unsupported("SET IDENTITY_INSERT"));
    }
    let mut names = vec![part.name()?.to_ascii_uppercase()];
    while part.take_token(&Token::Comma) {
        names.push(part.name()?.to_ascii_uppercase());
    }
    if let [name] = names.as_slice() {
        match name.as_str() {
            "NOCOUNT" => return Ok(SessionOption::NoCount(on_or_off(part)?)),
            "XACT_ABORT" => return Ok(SessionOption::XactAbort(on_or_off(part)?)),
            "IMPLICIT_TRANSACTIONS" => {
                return Ok(SessionOption::ImplicitTransactions(on_or_off(part)?));
            }
            "LOCK_TIMEOUT" => {
                let milliseconds = part.whole_number()?;
                return i32::try_from(milliseconds)
                    .map(SessionOption::LockTimeout)
                    .map_err(|_| part.incorrect());
            }
            // How much text a client wants to be sent, and how deadlocks would choose: no effect on meaning here.
            "TEXTSIZE" | "DEADLOCK_PRIORITY" | "LANGUAGE" | "DATEFORMAT" | "DATEFIRST" => {
                return harmless(name, part);
            }
            _ => {}
        }
    }
    let value = value(part)?;
    for name in &names {
        if !FIXED
            .iter()
            .any(|(known, only)| known == name && *only == value)
        {
            return Err(SqlError::unsupported(format_args!("SET {name} {value}")));
        }
    }
    Ok(SessionOption::Nothing)
}

fn harmless(name: &str, part: &mut Cursor<'_>) -> Result<SessionOption, SqlError> {
    let value = value(part)?;
    let accepted = match name {
        "LANGUAGE" => value == "US_ENGLISH",
        "DATEFORMAT" => value == "MDY",
        "DATEFIRST" => value == "7",
        _ => true,
    };
    if accepted {
        Ok(SessionOption::Nothing)
    } else {
        Err(SqlError::unsupported(format_args!("SET {name} {value}")))
    }
}

fn on_or_off(part: &mut Cursor<'_>) -> Result<bool, SqlError> {
    match value(part)?.as_str() {
        "ON" => Ok(true),
        "OFF" => Ok(false),
        _ => Err(part.incorrect()),
    }
}

fn value(part: &mut Cursor<'_>) -> Result<String, SqlError> {
    let value = match part.peek(0) {
        Some(Token::Word(word)) => word.value.to_ascii_uppercase(),
        Some(Token::SingleQuotedString(text) | Token::NationalStringLiteral(text)) => {
            text.to_ascii_uppercase()
        }
        Some(Token::Number(_, _) | Token::Minus) => return Ok(part.whole_number()?.to_string()),
        _ => return Err(part.incorrect()),
    };
    part.skip();
    Ok(value)
}
