//! Asks for a page of the Sites of a Rev customer, in one round trip.

use association::{
    actor::Actor,
    ids::{RevCustomerId, SiteId},
};

use crate::{
    Central, CentralError,
    decode::Fields,
    listing::{Filter, Page, Slice, Sort},
    statement::Statement,
};

const SITES: Statement = Statement::repeatable("sites", include_str!("sites.sql"));

/// What the list can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// `Sites.Name`.
    Name,
    /// `Sites.id`: the first one is the one that an association uses.
    Id,
}

impl SortBy {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Name, Self::Id];

    /// As parameters of a URL and of the statement name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Id => "id",
        }
    }
}

/// An active Site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// `Sites.id`.
    pub id: SiteId,
    /// `Sites.Name`.
    pub name: String,
    /// Of its address.
    pub city: Option<String>,
    /// Of its address.
    pub state: Option<String>,
    /// Of its address.
    pub country: Option<String>,
}

/// One page of the customer's Sites, and how many there are; none when the caller may use no such customer. `filter` is text in the
/// name.
pub async fn sites(
    central: &Central,
    actor: &Actor,
    customer: &RevCustomerId,
    page: Page,
    sort: Sort<SortBy>,
    filter: Option<&Filter>,
) -> Result<Option<Slice<Site>>, CentralError> {
    let mut answer = central
        .query(
            &SITES,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &customer.as_str(),
                &page.rows_before(),
                &page.rows(),
                &sort.by.name(),
                &sort.direction.name(),
                &filter.map(Filter::pattern),
            ],
        )
        .await?;
    let total = answer.one("total", |row| row.optional("Total"))?;
    let items = answer.rows("sites", site)?;
    Ok(total.map(|total| Slice { items, total }))
}

fn site(row: &Fields<'_>) -> Result<Site, CentralError> {
    Ok(Site {
        id: row.parsed("id", SiteId::new)?,
        name: row.text("Name")?,
        city: row.optional_text("City")?,
        state: row.optional_text("State")?,
        country: row.optional_text("Country")?,
    })
}
