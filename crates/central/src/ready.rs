//! Asks whether the database answers.

use crate::{Central, CentralError, statement::Statement};

const READY: Statement = Statement::repeatable("ready", include_str!("ready.sql"));

/// Fails when the database cannot be reached or does not answer.
pub async fn ready(central: &Central) -> Result<(), CentralError> {
    let mut answer = central.query(&READY, &[]).await?;
    answer.one("ready", |row| row.get::<i32>("Ready")).map(drop)
}
