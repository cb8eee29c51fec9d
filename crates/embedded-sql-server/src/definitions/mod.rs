//! Tables, indexes and procedures: how they are defined, changed, dropped, and remembered.

mod apply;
mod fixed;
mod keys;
pub(crate) mod parse;
mod procedure;
pub(crate) mod record;
pub(crate) mod shape;
pub mod statement;
mod table_body;

use crate::{error::SqlError, session::Session};
use statement::Definition;

pub(crate) use procedure::{is_procedure, procedure};

/// Runs a definition, and takes its text down where the database is kept in a file.
pub(crate) fn define(
    session: &mut Session,
    definition: &Definition,
    text: &str,
) -> Result<(), SqlError> {
    if session.database_user().is_some() {
        let message = "User does not have permission to perform this action.";
        return Err(SqlError::new(15247, message));
    }
    let created = session.database.clock().now();
    session.write(|engine, database| {
        let mut catalog = (*database.catalog()).clone();
        let before = catalog.clone();
        let statements = apply::apply(&mut catalog, definition, created)?;
        for statement in &statements {
            engine
                .connection
                .execute_batch(statement)
                .map_err(|error| apply::refused(&error, database.name(), &before, definition))?;
        }
        if let Definition::DropTable { name, .. } = definition {
            engine.identities.forget(name);
        }
        record::append(engine, text, created)?;
        database.set_catalog(std::sync::Arc::new(catalog));
        Ok(())
    })
}
