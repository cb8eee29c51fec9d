//! `POST /M2M/AssociateCustomer`: takes a request to associate devices with a customer.
//!
//! At most three round trips to the database, whatever the number of devices: the check question, the write, and marking what
//! was sent. 202 means durable: the rows and the messages are committed before the answer, sent or not.
//! With `validateOnly=true` it is the check question alone: the answer tells what would happen.

use std::collections::BTreeMap;

mod answer;
mod dry_run;
mod key;
mod offer;

pub use answer::REPLAYED;
pub(crate) use answer::{Answer, status_url};
use association::{
    decide,
    parse::{self, Invalid, MemberError},
    plan::Rejection,
    request::AssociateRequest,
};
use axum::{
    extract::{Extension, Request, State},
    response::Response,
};
use central::{
    check,
    stored_answer::{self, StoredAnswer},
    submit::{self, Key, Submission, Submitted},
};
pub(crate) use dry_run::Preview;
pub use key::{HEADER as IDEMPOTENCY_KEY, LONGEST as LONGEST_KEY};

use crate::{
    Intake, body,
    envelope::RequestId,
    problem::{Kind, Problem},
    query,
    token::{Caller, Permission},
    unavailable,
};

/// The path, which is part of what an idempotency key belongs to.
pub const ROUTE: &str = "/M2M/AssociateCustomer";
/// The parameter that asks for the answer alone.
pub(crate) const VALIDATE_ONLY: &str = "validateOnly";
/// How often the check question is asked again when another request took a device in between.
const TRIES: u32 = 3;
/// Seconds after which the twin of a request that is being written is surely done, or has failed.
const TWIN_DONE: u16 = 5;

/// Takes one request.
pub async fn post(
    State(intake): State<Intake>,
    Extension(request_id): Extension<RequestId>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let caller = intake
        .verifier
        .caller(&parts.headers, Permission::Create)
        .await?;
    let [validate_only] = query::read(&parts.uri, [VALIDATE_ONLY])?;
    let validate_only = query::flag(VALIDATE_ONLY, validate_only.as_deref())
        .map_err(|error| query::invalid(vec![error]))?;
    let key = key::read(&parts.headers)?;
    let body = body::json(&parts.headers, body).await?;
    let asked = parse::parse(&body).map_err(invalid)?;
    if validate_only {
        // Nothing is written, so there is nothing that a key could guard: it is not looked at further.
        return dry_run::answer(&intake, &caller, &asked).await;
    }
    let key = key.map(|key| Key {
        hash: key::hash(caller.actor(), ROUTE, &key),
        fingerprint: key::fingerprint(&asked),
    });
    associate(&intake, &caller, &asked, key, &request_id).await
}

/// Check, decide, write, offer. Another request may take a device between check and write; then all begins again.
async fn associate(
    intake: &Intake,
    caller: &Caller,
    asked: &AssociateRequest,
    key: Option<Key>,
    request_id: &RequestId,
) -> Result<Response, Problem> {
    let (central, actor) = (&intake.central, caller.actor());
    let trips_before = central.round_trips();
    for attempt in 1..=TRIES {
        let checked = check::check(central, actor, asked, key.as_ref().map(|key| &key.hash))
            .await
            .map_err(|error| unavailable::reading(&error))?;
        if let (Some(stored), Some(key)) = (&checked.stored, &key) {
            return again(stored, key);
        }
        let plan = decide::plan(asked, &checked.found)
            .inspect_err(|refused| tell_rejected(&refused.rejected))
            .map_err(refused)?;
        let estimate = answer::estimate(
            actor.tenant(),
            asked,
            &plan,
            &checked.account,
            intake.budget,
        );
        let answer = answer::of(asked, &plan, &estimate);
        let submission = Submission {
            request: asked,
            plan: &plan,
            key,
            answer: &answer,
            budget: intake.budget,
            trace: Some(&request_id.0),
        };
        let submitted = submit::submit(central, actor, &submission)
            .await
            .map_err(|error| unavailable::writing(&error, key.is_some()))?;
        match (submitted, &key) {
            (
                Submitted::Accepted {
                    bulk_change,
                    outbox,
                },
                _,
            ) => {
                tracing::Span::current().record("bulk_change_id", bulk_change.get());
                let with_service = asked.options.rev_service.is_some();
                offer::offer(intake, &outbox, with_service).await;
                telemetry::measure::devices_accepted(plan.accepted.len());
                tell_rejected(&plan.rejected);
                tracing::info!(
                    accepted = plan.accepted.len(),
                    rejected = plan.rejected.len(),
                    duplicates = asked.duplicates.len(),
                    round_trips = central.round_trips() - trips_before,
                    "bulk change accepted"
                );
                return answer::accepted(&answer, bulk_change, false);
            }
            (Submitted::KeyTaken, Some(key)) => {
                let stored = stored_answer::stored_answer(central, &key.hash)
                    .await
                    .map_err(|error| unavailable::reading(&error))?;
                return match stored {
                    Some(stored) => again(&stored, key),
                    None => Err(still_running()),
                };
            }
            (Submitted::KeyBusy, _) => return Err(still_running()),
            // Without a key of ours nothing can take it: the same as a device that was taken.
            (Submitted::DeviceTaken | Submitted::KeyTaken, _) => {
                tracing::info!(attempt, "a device was taken in between");
            }
        }
    }
    Err(Problem::new(
        Kind::TooBusy,
        "Other requests took devices of this one each time it was checked. Nothing was written. Try again after the time in Retry-After.",
    )
    .retry_after(TWIN_DONE))
}

/// The stored answer to the same request; a problem when the key belongs to another one.
fn again(stored: &StoredAnswer, key: &Key) -> Result<Response, Problem> {
    if stored.fingerprint != key.fingerprint {
        return Err(Problem::new(
            Kind::KeyReused,
            "This Idempotency-Key came with another request before. Use a new key for a new request.",
        ));
    }
    tracing::Span::current().record("bulk_change_id", stored.bulk_change.get());
    tracing::info!("stored answer given again");
    answer::accepted(&stored.answer, stored.bulk_change, true)
}

/// Each reason with its number of devices. A dry run rejects nothing.
fn tell_rejected(rejected: &[Rejection]) {
    let mut reasons: BTreeMap<&'static str, usize> = BTreeMap::new();
    for rejection in rejected {
        *reasons.entry(rejection.code.code()).or_default() += 1;
    }
    for (reason, devices) in reasons {
        telemetry::measure::devices_rejected(reason, devices);
    }
}

fn still_running() -> Problem {
    Problem::new(
        Kind::StillRunning,
        "A request with this Idempotency-Key is being recorded. Ask again after the time in Retry-After.",
    )
    .retry_after(TWIN_DONE)
}

fn invalid(invalid: Invalid) -> Problem {
    match invalid {
        Invalid::NotJson { detail } => {
            let at_body = MemberError::new("", "not-json", &detail);
            Problem::new(Kind::NotJson, format!("The body cannot be read: {detail}."))
                .with_errors(vec![at_body])
        }
        Invalid::Members(errors) => Problem::new(
            Kind::InvalidRequest,
            "Nothing was written. errors names each member that is to be mended.",
        )
        .with_errors(errors),
    }
}

fn refused(refused: decide::Refused) -> Problem {
    if refused.errors.is_empty() {
        Problem::new(
            Kind::NoDevice,
            "Nothing was written. rejected names each device with its reason.",
        )
        .with_rejected(refused.rejected)
    } else {
        Problem::new(
            Kind::InvalidRequest,
            "Nothing was written. errors names each member that is to be mended.",
        )
        .with_errors(refused.errors)
    }
}
