//! Asks for a page of the Rev customers that a caller may use, in one round trip.

use std::collections::HashMap;

use association::{
    actor::Actor,
    ids::{IntegrationAuthenticationId, SiteId},
};
use uuid::Uuid;

use crate::{
    Central, CentralError,
    decode::Fields,
    listing::{Filter, Page, Slice, Sort},
    statement::Statement,
};

const REV_CUSTOMERS: Statement =
    Statement::repeatable("rev_customers", include_str!("rev_customers.sql"));

/// What the list can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// `CustomerName`.
    Name,
    /// The account number, in the order of numbers.
    AccountNumber,
}

impl SortBy {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Name, Self::AccountNumber];

    /// As parameters of a URL and of the statement name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::AccountNumber => "revCustomerId",
        }
    }
}

/// A Rev customer that the caller may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevCustomer {
    /// `RevCustomer.id`.
    pub id: Uuid,
    /// `RevCustomer.RevCustomerId`: the account number.
    pub account_number: String,
    /// Its billing account; none when that is not the tenant's, or not active.
    pub integration_authentication: Option<IntegrationAuthenticationId>,
    /// `CustomerName`.
    pub name: String,
    /// Devices can be assigned to it, as far as this goes.
    pub active: bool,
    /// The day of the month on which its bill period ends, as its first Site has it.
    pub bill_period_end_day: Option<i32>,
    /// The hour of that day.
    pub bill_period_end_hour: Option<i32>,
    /// Its active Sites; the first is the one that an association uses.
    pub sites: Vec<(SiteId, String)>,
}

/// One page of the customers that the caller may use, and how many there are; `filter` is text in name or account number.
pub async fn rev_customers(
    central: &Central,
    actor: &Actor,
    page: Page,
    sort: Sort<SortBy>,
    filter: Option<&Filter>,
) -> Result<Slice<RevCustomer>, CentralError> {
    let mut answer = central
        .query(
            &REV_CUSTOMERS,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &page.rows_before(),
                &page.rows(),
                &sort.by.name(),
                &sort.direction.name(),
                &filter.map(Filter::pattern),
            ],
        )
        .await?;
    let total = answer.one("total", |row| row.get("Total"))?;
    let mut items = answer.rows("customers", customer)?;
    let mut sites: HashMap<Uuid, Vec<(SiteId, String)>> = HashMap::new();
    for (customer, site) in answer.rows("sites", site)? {
        sites.entry(customer).or_default().push(site);
    }
    for item in &mut items {
        item.sites = sites.remove(&item.id).unwrap_or_default();
    }
    Ok(Slice { items, total })
}

fn customer(row: &Fields<'_>) -> Result<RevCustomer, CentralError> {
    Ok(RevCustomer {
        id: row.get("Id")?,
        account_number: row.text("AccountNumber")?,
        integration_authentication: row.optional_parsed(
            "IntegrationAuthenticationId",
            IntegrationAuthenticationId::new,
        )?,
        name: row.text("CustomerName")?,
        active: row.get("Active")?,
        bill_period_end_day: row.optional("BillPeriodEndDay")?,
        bill_period_end_hour: row.optional("BillPeriodEndHour")?,
        sites: Vec::new(),
    })
}

fn site(row: &Fields<'_>) -> Result<(Uuid, (SiteId, String)), CentralError> {
    Ok((
        row.get("CustomerId")?,
        (row.parsed("id", SiteId::new)?, row.text("Name")?),
    ))
}
