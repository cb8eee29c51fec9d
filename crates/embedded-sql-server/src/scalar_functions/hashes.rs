//! HASHBYTES and NEWID.

use rusqlite::{
    Connection, Result,
    functions::FunctionFlags,
    types::{Value as Stored, ValueRef},
};
use sha2::{Digest as _, Sha256, Sha512};
use uuid::Uuid;

use super::{add, text_at};
use crate::error::SqlError;

pub(super) fn register(connection: &Connection) -> Result<()> {
    // algorithm, bytes
    add(connection, "mssql_hashbytes", 2, |context| {
        let algorithm = text_at(context, 0)?.unwrap_or_default().to_uppercase();
        let ValueRef::Blob(bytes) = context.get_raw(1) else {
            return Ok(Stored::Null);
        };
        match algorithm.as_str() {
            "SHA2_256" => Ok(Stored::Blob(Sha256::digest(bytes).to_vec())),
            "SHA2_512" => Ok(Stored::Blob(Sha512::digest(bytes).to_vec())),
            other => Err(SqlError::unsupported(format_args!(
                "HASHBYTES with {other}"
            ))),
        }
    })?;
    connection.create_scalar_function("mssql_newid", 0, FunctionFlags::SQLITE_UTF8, |_| {
        Ok(Uuid::new_v4().hyphenated().to_string().to_uppercase())
    })
}
