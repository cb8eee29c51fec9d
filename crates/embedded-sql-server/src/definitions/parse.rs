//! CREATE TABLE, CREATE INDEX, ALTER TABLE and DROP, read from tokens.

use sqlparser::tokenizer::Token;

use super::statement::Definition;
pub(crate) use super::table_body::table_body;
use super::table_body::{index_options, key_columns, table_elements};
use crate::batch::cursor::Cursor;
use crate::batch::statement::Action;
use crate::{catalog::Index, error::SqlError};

/// A definition other than of a procedure, with its own text out of the batch's.
pub(crate) fn definition(part: &mut Cursor<'_>, text: &str) -> Result<Action, SqlError> {
    let text = part.text_from_here(text).to_owned();
    let definition = match part.word(0).as_deref() {
        Some("CREATE") => create(part)?,
        Some("ALTER") => alter(part)?,
        _ => drop_object(part)?,
    };
    Ok(Action::Define { definition, text })
}

fn create(part: &mut Cursor<'_>) -> Result<Definition, SqlError> {
    part.skip();
    if part.take("TABLE") {
        let name = part.object_name()?;
        let definition = table_body(part)?;
        if part.take("ON") {
            filegroup(part)?;
        }
        return Ok(Definition::CreateTable { name, definition });
    }
    let unique = part.take("UNIQUE");
    let _ = part.take("CLUSTERED") || part.take("NONCLUSTERED");
    if part.take("INDEX") {
        return create_index(part, unique);
    }
    Err(SqlError::unsupported(format_args!(
        "CREATE {}",
        part.peek(0).map(ToString::to_string).unwrap_or_default()
    )))
}

fn create_index(part: &mut Cursor<'_>, unique: bool) -> Result<Definition, SqlError> {
    let name = part.name()?;
    part.expect("ON")?;
    let table = part.object_name()?;
    let columns = key_columns(part)?;
    let included = if part.take("INCLUDE") {
        part.name_list()?
    } else {
        Vec::new()
    };
    let filter = if part.take("WHERE") {
        let end = part.until(&["WITH", "ON"]);
        let mut condition = part.cut(end);
        let filter = condition.expression()?;
        condition.expect_done()?;
        Some(filter)
    } else {
        None
    };
    index_options(part)?;
    if part.take("ON") {
        filegroup(part)?;
    }
    Ok(Definition::CreateIndex {
        table,
        index: Box::new(Index {
            name,
            columns,
            unique,
            included,
            filter,
        }),
    })
}

fn alter(part: &mut Cursor<'_>) -> Result<Definition, SqlError> {
    part.skip();
    if !part.take("TABLE") {
        return Err(SqlError::unsupported(format_args!(
            "ALTER {}",
            part.peek(0).map(ToString::to_string).unwrap_or_default()
        )));
    }
    let name = part.object_name()?;
    let _ = part.take_all(&["WITH", "CHECK"]);
    if part.take("ADD") {
        return Ok(Definition::AddToTable {
            name,
            definition: table_elements(part)?,
        });
    }
    if part.take_all(&["DROP", "CONSTRAINT"]) {
        return Ok(Definition::DropConstraint {
            table: name,
            name: part.name()?,
        });
    }
    Err(SqlError::unsupported(format_args!(
        "ALTER TABLE … {}",
        part.peek(0).map(ToString::to_string).unwrap_or_default()
    )))
}

fn drop_object(part: &mut Cursor<'_>) -> Result<Definition, SqlError> {
    part.skip();
    let kind = part.word(0).unwrap_or_default();
    part.skip();
    let if_exists = part.take_all(&["IF", "EXISTS"]);
    let definition = match kind.as_str() {
        "TABLE" => Definition::DropTable {
            name: part.object_name()?,
            if_exists,
        },
        "PROCEDURE" | "PROC" => Definition::DropProcedure {
            name: part.object_name()?,
            if_exists,
        },
        "INDEX" => {
            let name = part.name()?;
            part.expect("ON")?;
            Definition::DropIndex {
                table: part.object_name()?,
                name,
                if_exists,
            }
        }
        _ => return Err(SqlError::unsupported(format_args!("DROP {kind}"))),
    };
    if part.peek(0) == Some(&Token::Comma) {
        return Err(SqlError::unsupported("DROP of several objects at once"));
    }
    Ok(definition)
}

/// `ON [PRIMARY]`: there is one place for everything.
pub(super) fn filegroup(part: &mut Cursor<'_>) -> Result<(), SqlError> {
    let name = part.name()?;
    if name.eq_ignore_ascii_case("PRIMARY") {
        Ok(())
    } else {
        Err(SqlError::unsupported(format_args!("the filegroup {name}")))
    }
}
