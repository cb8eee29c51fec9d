//! Records an accepted request, whole or not at all, in one round trip.

use std::collections::HashMap;

use association::{
    actor::Actor,
    ids::{BulkChangeId, Iccid},
    plan::{CHUNK, Plan},
    request::AssociateRequest,
    trace::TraceId,
};
use serde::Serialize;

use crate::{
    Central, CentralError,
    budget::BudgetLimits,
    driver::json,
    outbox::{OutboxKind, OutboxMessage},
    statement::Statement,
};

const SUBMIT: Statement = Statement::once("submit", include_str!("submit.sql"));

/// How often a submit that met another account's first request is run.
const TRIES: u32 = 3;

/// What is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// What was asked.
    pub request: &'a AssociateRequest,
    /// What became of it.
    pub plan: &'a Plan,
    /// The Idempotency-Key, if one was given.
    pub key: Option<Key>,
    /// The 202, JSON without the id of the bulk change; stored with the key.
    pub answer: &'a str,
    /// For the account's first request: its call budget.
    pub budget: BudgetLimits,
    /// The request, for the log lines of everything that follows from it.
    pub trace: Option<&'a TraceId>,
}

/// An Idempotency-Key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// SHA-256 of tenant, user, route and key.
    pub hash: [u8; 32],
    /// SHA-256 of the parsed request.
    pub fingerprint: [u8; 32],
}

/// What became of a submit that the database answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// Committed.
    Accepted {
        /// What was made.
        bulk_change: BulkChangeId,
        /// To be sent now; what is not sent within a minute is the sweep's.
        outbox: Vec<OutboxMessage>,
    },
    /// Another request took one of the devices since the check: ask the check question again. Nothing was written.
    DeviceTaken,
    /// A request with the same key was accepted since the check: read the stored answer. Nothing was written.
    KeyTaken,
    /// A request with the same key is being written. Nothing was written.
    KeyBusy,
}

/// Writes a submission. After an error whose `next()` is `Unknown` it may have been accepted; the same key settles it.
pub async fn submit(
    central: &Central,
    actor: &Actor,
    submission: &Submission<'_>,
) -> Result<Submitted, CentralError> {
    for _ in 1..TRIES {
        match write(central, actor, submission).await {
            Err(error) if violates(&error, "PK_RevCallBudget") => {}
            settled => return interpret(settled, submission.key.is_some()),
        }
    }
    let settled = write(central, actor, submission).await;
    interpret(settled, submission.key.is_some())
}

/// One row of `OPENJSON` in submit.sql.
#[derive(Serialize)]
struct Device<'a> {
    place: usize,
    iccid: &'a Iccid,
    msisdn: Option<String>,
    id: Option<i32>,
    chunk: Option<usize>,
    change: Option<String>,
    details: Option<String>,
}

async fn write(
    central: &Central,
    actor: &Actor,
    submission: &Submission<'_>,
) -> Result<Submitted, CentralError> {
    let Submission {
        request,
        plan,
        key,
        answer,
        budget,
        trace,
    } = submission;
    let devices = json(&SUBMIT, &devices(request, plan)?)?;
    let options = json(&SUBMIT, &request.options)?;
    let mut answer = central
        .query(
            &SUBMIT,
            &[
                &actor.tenant().get(),
                &actor.name(),
                &request.service_provider.get(),
                &request.rev_customer.as_str(),
                &plan.integration_authentication.get(),
                &plan.site.get(),
                &request.options.rev_service.is_some(),
                &options.as_str(),
                &devices.as_str(),
                &key.as_ref().map(|key| key.hash.as_slice()),
                &key.as_ref().map(|key| key.fingerprint.as_slice()),
                answer,
                &whole(budget.ours_per_minute()),
                &whole(budget.calls_per_day),
                &whole(budget.burst),
                &trace.map(TraceId::as_str),
            ],
        )
        .await?;
    let bulk_change = answer.one("bulk change", |row| {
        row.parsed("BulkChangeId", BulkChangeId::new)
    })?;
    let outbox = answer.rows("outbox", |row| {
        Ok(OutboxMessage {
            id: row.get("Id")?,
            kind: OutboxKind::Chunk,
            bulk_change,
            payload: row.text("Payload")?,
            trace: trace.cloned(),
        })
    })?;
    Ok(Submitted::Accepted {
        bulk_change,
        outbox,
    })
}

/// The change rows in the order of the request; accepted ones in chunks by their own order.
fn devices<'a>(
    request: &'a AssociateRequest,
    plan: &'a Plan,
) -> Result<Vec<Device<'a>>, CentralError> {
    let places: HashMap<&Iccid, usize> = request
        .devices
        .iter()
        .enumerate()
        .map(|(place, iccid)| (iccid, place))
        .collect();
    let place = |iccid| places.get(iccid).copied().unwrap_or(places.len());
    let mut rows = Vec::with_capacity(request.devices.len());
    for (position, accepted) in plan.accepted.iter().enumerate() {
        rows.push(Device {
            place: place(&accepted.iccid),
            iccid: &accepted.iccid,
            // M2M_DeviceChange.MSISDN is shorter than Device.MSISDN.
            msisdn: accepted
                .msisdn
                .as_ref()
                .map(|msisdn| msisdn.chars().take(50).collect()),
            id: Some(accepted.device.get()),
            chunk: Some(position / CHUNK),
            change: Some(json(&SUBMIT, &accepted.change)?),
            details: None,
        });
    }
    rows.extend(plan.rejected.iter().map(|rejected| Device {
        place: place(&rejected.iccid),
        iccid: &rejected.iccid,
        msisdn: None,
        id: rejected.device_id.map(association::ids::DeviceId::get),
        chunk: None,
        change: None,
        details: Some(rejected.code.details(&rejected.reason)),
    }));
    Ok(rows)
}

fn interpret(
    settled: Result<Submitted, CentralError>,
    has_key: bool,
) -> Result<Submitted, CentralError> {
    match settled {
        Err(error) if violates(&error, "UX_DeviceChangeWork_Unfinished") => {
            Ok(Submitted::DeviceTaken)
        }
        Err(error) if violates(&error, "PK_BulkChangeRequestKey") => Ok(Submitted::KeyTaken),
        Err(error) if has_key && error.number() == Some(1222) => Ok(Submitted::KeyBusy),
        settled => settled,
    }
}

/// Whether a unique constraint or index of this name was violated (2627, 2601): the message names it.
fn violates(error: &CentralError, constraint: &str) -> bool {
    matches!(
        error,
        CentralError::Server { number: 2601 | 2627, message, .. } if message.contains(constraint)
    )
}

fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
