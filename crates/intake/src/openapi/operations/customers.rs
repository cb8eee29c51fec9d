//! Customers, their Sites and their plans.

use central::{rev_customers, sites};

use super::json;
use crate::{
    customers,
    openapi::{
        operation::{Described, Tag},
        parameters::{self, Sorted},
    },
    problem::Kind,
    token::Permission,
};

pub(super) fn operations() -> Vec<Described> {
    vec![
        Described::get(
            "/M2M/GetRevCustomers",
            "revCustomers",
            Tag::Customers,
            "The customers that the caller may use",
        )
        .needs(Permission::Read)
        .takes(parameters::list(
            rev_customers::SortBy::ALL.map(rev_customers::SortBy::name),
            Sorted {
                by: customers::DEFAULT.by.name(),
                direction: customers::DEFAULT.direction,
            },
            "the name or the account number",
        ))
        .answers(200, json("One page.", "RevCustomerList", &[]))
        .fails(&[Kind::InvalidRequest])
        .asks_the_database(),
        Described::get(
            "/api/customers/{customerId}/sites",
            "sites",
            Tag::Customers,
            "The Sites of a customer",
        )
        .needs(Permission::Read)
        .takes([parameters::customer_in_path()])
        .takes(parameters::list(
            sites::SortBy::ALL.map(sites::SortBy::name),
            Sorted {
                by: customers::SITES_DEFAULT.by.name(),
                direction: customers::SITES_DEFAULT.direction,
            },
            "the name",
        ))
        .answers(200, json("One page.", "SiteList", &[]))
        .fails(&[Kind::NotFound, Kind::InvalidRequest])
        .asks_the_database(),
        Described::get(
            "/api/rate-plans/customer/{customerId}",
            "ratePlans",
            Tag::Customers,
            "The plans and pools that a customer's devices can be given",
        )
        .needs(Permission::Read)
        .takes([
            parameters::customer_in_path(),
            parameters::id("serviceProviderId", "Only those of this carrier account."),
            parameters::id(
                "integrationAuthenticationId",
                "Decides, when two billing integrations share the customer's number.",
            ),
        ])
        .answers(200, json("All of them.", "RatePlans", &[]))
        .fails(&[Kind::NotFound, Kind::InvalidRequest])
        .asks_the_database(),
    ]
}
