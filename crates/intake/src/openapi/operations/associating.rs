//! Submitting an association.

use axum::http::header;
use utoipa::openapi::{Response, link::LinkBuilder};

use super::json;
use crate::{
    associate::{self, REPLAYED, VALIDATE_ONLY},
    openapi::{
        association_request,
        operation::{Described, Tag},
        parameters,
    },
    problem::Kind,
    token::Permission,
};

const ABOUT: &str = "\
202 means that the work is recorded, and will be done even when the queue is down. `rejected` names each device that is left out, with \
its reason; when none is left, the answer is 422. Devices are worked on one after the other, within the call budget of the customer's \
Rev.io account.

With `validateOnly=true` the same request is checked with the same permission, and nothing is written: 200 tells what would happen to \
each device, how many calls at Rev.io it takes, and when it would be done.";

pub(super) fn operations() -> Vec<Described> {
    vec![
        Described::post(
            associate::ROUTE,
            "associateCustomer",
            Tag::BulkChanges,
            "Associate devices with a customer",
        )
        .about(ABOUT)
        .needs(Permission::Create)
        .takes([
            parameters::flag(VALIDATE_ONLY, "Check only, and tell what would happen."),
            parameters::idempotency_key(),
        ])
        .body(association_request::body())
        .answers(
            200,
            json("With validateOnly: what would happen.", "Preview", &[]),
        )
        .answers(202, accepted())
        .fails(&[
            Kind::NotJson,
            Kind::InvalidIdempotencyKey,
            Kind::StillRunning,
            Kind::TooLarge,
            Kind::UnsupportedMediaType,
            Kind::InvalidRequest,
            Kind::NoDevice,
            Kind::KeyReused,
            Kind::OutcomeUnknown,
            Kind::TooBusy,
        ])
        .asks_the_database(),
    ]
}

fn accepted() -> Response {
    let mut response = json(
        "Recorded: the bulk change will be worked on.",
        "Accepted",
        &[header::LOCATION, header::RETRY_AFTER, REPLAYED],
    );
    let status = LinkBuilder::new()
        .operation_id("bulkChangeStatus")
        .parameter("id", "$response.body#/changeId")
        .description("How far it is.");
    response
        .links
        .insert("status".to_owned(), status.build().into());
    response
}
