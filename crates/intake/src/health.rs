//! `GET /healthz` and `GET /healthz/ready`: no token, and no detail to anybody.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{Intake, problem::Problem, unavailable};

/// Where the process answers.
pub const ALIVE: &str = "/healthz";
/// Where the database answers too.
pub const READY: &str = "/healthz/ready";

/// The process answers.
pub async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The database answers too; 503 when it does not.
pub async fn ready(State(intake): State<Intake>) -> Result<Json<Value>, Problem> {
    central::ready::ready(&intake.central)
        .await
        .map_err(|error| unavailable::reading(&error))?;
    Ok(Json(json!({ "status": "ready" })))
}
