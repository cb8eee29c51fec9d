//! The inventory, as a page of devices and as a file.

use axum::http::header;
use central::inventory::SortBy;
use portal::Page;
use utoipa::openapi::{
    ContentBuilder, KnownFormat, ObjectBuilder, Response, ResponseBuilder, SchemaFormat, Type,
    path::Parameter,
};

use super::page_or;
use crate::{
    inventory::{self, MOST_IDENTIFIERS},
    openapi::{
        headers,
        operation::{Described, Tag},
        parameters::{self, Sorted},
    },
    problem::Kind,
    token::Permission,
};

const ABOUT: &str = "\
The devices of the tenant that the caller may see: those of customers that the caller may use, and those that have no customer. Every \
parameter that is given holds for each of them.";

pub(super) fn operations() -> Vec<Described> {
    vec![
        Described::get(
            Page::Index.route(),
            "inventory",
            Tag::Devices,
            "Devices, page by page; to a browser the page of the portal",
        )
        .about(ABOUT)
        .needs(Permission::Read)
        .takes(list())
        .takes(filters())
        .takes([parameters::flag(
            "facets",
            "Tell what the list can be filtered by, too.",
        )])
        .answers(200, page_or("One page.", "Inventory"))
        .fails(&[Kind::InvalidRequest])
        .asks_the_database(),
        Described::get(
            inventory::EXPORT_ROUTE,
            "exportInventory",
            Tag::Devices,
            "Devices as a file",
        )
        .about(
            "The devices of `GET /M2M/Index` with the same parameters, all of them. What does not fit into an answer is refused with the \
             count and what to do.",
        )
        .needs(Permission::Read)
        .takes(
            list()
                .into_iter()
                .filter(|parameter| !matches!(parameter.name.as_str(), "page" | "pageSize")),
        )
        .takes(filters())
        .takes([parameters::one_of(
            "format",
            "What the file is; xlsx when it is not given.",
            inventory::FORMATS,
        )])
        .answers(200, file())
        .fails(&[Kind::InvalidRequest, Kind::TooManyRows])
        .asks_the_database(),
    ]
}

fn list() -> Vec<Parameter> {
    parameters::list(
        SortBy::ALL.map(SortBy::name),
        Sorted {
            by: inventory::DEFAULT.by.name(),
            direction: inventory::DEFAULT.direction,
        },
        "ICCID, MSISDN, IMEI, EID, or name or account number of the customer",
    )
}

fn filters() -> Vec<Parameter> {
    let text = |name: &str, about: &str| {
        let schema = parameters::short_text(inventory::LONGEST_TEXT).min_length(Some(1));
        parameters::query(name, about, schema)
    };
    let either = ObjectBuilder::new().schema_type(Type::Boolean);
    let pasted = ObjectBuilder::new().schema_type(Type::String);
    vec![
        parameters::id("serviceProviderId", "Of this carrier account."),
        text("status", "With the status of this name."),
        parameters::id("revCustomerId", "Of the customer with this account number."),
        parameters::query("assigned", "Assigned to a customer, or to none.", either),
        text(
            "carrierRatePlan",
            "On the carrier rate plan with this code.",
        ),
        parameters::id("customerRatePlanId", "On this customer rate plan."),
        parameters::flag("archived", "Archived devices instead of live ones."),
        parameters::query(
            "identifiers",
            &format!(
                "ICCIDs or MSISDNs, at most {MOST_IDENTIFIERS}, with commas, blanks or line ends between them: the devices that have one. \
                 `missing` names the others."
            ),
            pasted,
        ),
    ]
}

fn file() -> Response {
    let any = || ObjectBuilder::new().schema_type(Type::String);
    let binary = any().format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
    let response = ResponseBuilder::new()
        .description("The file; csv goes out as gzip where the caller takes it.")
        .content(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ContentBuilder::new().schema(Some(binary)).build(),
        )
        .content(
            "text/csv",
            ContentBuilder::new().schema(Some(any())).build(),
        );
    headers::with(response, &[header::CONTENT_DISPOSITION, header::VARY]).build()
}
