//! `GET /api/bulk-changes/{id}/devices/{iccid}/log`: what was done for one device of a bulk change, step by step. One round trip.

use axum::{
    Json,
    extract::{Path, Request, State},
};
use central::change_log::{self, LogRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::bulk_change;
use crate::{Intake, ids, moment, problem::Problem, query::Query, token::Permission, unavailable};

/// The path.
pub const LOG_ROUTE: &str = "/api/bulk-changes/{id}/devices/{iccid}/log";

/// Everything that was done for a device, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceLog)]
pub struct Log {
    items: Vec<Entry>,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceLogEntry)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: i64,
    #[schema(format = DateTime)]
    at: String,
    /// Which step, in words.
    step: String,
    failed: bool,
    /// What the other side answered, in a word.
    status: Option<String>,
    /// What was asked for, as it was sent.
    asked: Option<String>,
    /// What was answered, as it came.
    answered: Option<String>,
    /// What went wrong.
    error: Option<String>,
}

/// Answers for one device. What is not in the bulk change answers like a bulk change that does not exist.
pub async fn log(
    State(intake): State<Intake>,
    Path((id, iccid)): Path<(String, String)>,
    request: Request,
) -> Result<Json<Log>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    Query::open(request.uri(), &[]).finish(())?;
    let id = bulk_change(&id).ok_or_else(Problem::not_found)?;
    let iccid = ids::iccid(&iccid)?;
    tracing::Span::current().record("bulk_change_id", id.get());
    let rows = change_log::change_log(&intake.central, caller.actor(), id, &iccid)
        .await
        .map_err(|error| unavailable::reading(&error))?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(Log {
        items: rows.into_iter().map(Entry::of).collect(),
    }))
}

impl Entry {
    fn of(row: LogRow) -> Self {
        Self {
            id: row.id,
            at: moment::written(row.at),
            step: row.step,
            failed: row.failed,
            status: row.status,
            asked: row.asked,
            answered: row.answered,
            error: row.error,
        }
    }
}
