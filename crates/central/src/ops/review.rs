//! Changes that wait for a person, and how a few of them stand.

use association::{
    ids::{BulkChangeId, ChangeId, IntegrationAuthenticationId, ServiceLineId, TenantId},
    plan::Reason,
    steps::Step,
};
use serde::Serialize;

use super::moment::Moment;
use crate::{
    Central, CentralError, decode::Fields, driver::json, slots::whole, statement::Statement,
};

const REVIEWS: Statement = Statement::repeatable("reviews", include_str!("reviews.sql"));
const REVIEW: Statement = Statement::repeatable("review", include_str!("review.sql"));

/// One line of the list of reviews. Times are UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Which change.
    pub change: ChangeId,
    /// Of which bulk change.
    pub bulk_change: BulkChangeId,
    /// Whose.
    pub tenant: TenantId,
    /// `Tenant.Name`.
    pub tenant_name: Option<String>,
    /// The device's.
    pub iccid: String,
    /// The account number of the customer.
    pub customer: String,
    /// The number that the line has, or would have, at Rev.
    pub number: String,
    /// The billing account.
    pub account: IntegrationAuthenticationId,
    /// What the description of a line of this change ends with; none when no call is on record.
    pub reference: Option<String>,
    /// When the last call was intended.
    pub intent_at: Option<Moment>,
    /// The line that is known.
    pub line: Option<ServiceLineId>,
    /// Since when it waits.
    pub since: Moment,
    /// The change has ended: a line too many became known, and nothing is to be decided but that somebody saw to it.
    pub ended: bool,
    /// Why it waits.
    pub words: Option<String>,
}

/// The reviews of a tenant, or of all: how many there are, and the oldest `most` of them. One round trip.
pub async fn reviews(
    central: &Central,
    tenant: Option<TenantId>,
    most: u32,
) -> Result<(i64, Vec<Waiting>), CentralError> {
    let mut answer = central
        .query(&REVIEWS, &[&tenant.map(TenantId::get), &whole(most)])
        .await?;
    let total = answer.one("total", |row| row.get("Total"))?;
    Ok((total, answer.rows("reviews", waiting)?))
}

fn waiting(row: &Fields<'_>) -> Result<Waiting, CentralError> {
    Ok(Waiting {
        change: row.parsed("ChangeId", ChangeId::new)?,
        bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
        tenant: row.parsed("TenantId", TenantId::new)?,
        tenant_name: row.optional_text("TenantName")?,
        iccid: row.text("ICCID")?,
        customer: row.text("RevCustomerId")?,
        number: row.text("Number")?,
        account: row.parsed(
            "IntegrationAuthenticationId",
            IntegrationAuthenticationId::new,
        )?,
        reference: row.optional_text("IntentReference")?,
        intent_at: Moment::optional(row, "IntentAt")?,
        line: row.optional_parsed("RevServiceLineId", ServiceLineId::new)?,
        since: Moment::get(row, "ReviewSince")?,
        ended: row.get("Ended")?,
        words: row.optional_text("Words")?,
    })
}

/// How a change stands, as far as settling it by hand depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// Which change.
    pub change: ChangeId,
    /// Of which bulk change.
    pub bulk_change: BulkChangeId,
    /// The device's.
    pub iccid: String,
    /// `M2M_DeviceChange.Status`.
    pub status: String,
    /// Reason code and words.
    pub details: Option<String>,
    /// None: nothing of this change was ever worked on here.
    pub work: Option<ReviewWork>,
    /// What a person decided about it before.
    pub settled: Option<Settled>,
    /// What is known of the line that is to be adopted; nothing when none was asked about.
    pub line: LineAsked,
}

/// The work row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewWork {
    /// Grows with each claim and each decision of a person.
    pub fence: i64,
    /// Where it stands.
    pub step: Step,
    /// The account number of the customer.
    pub customer: String,
    /// The number that the line has, or would have, at Rev.
    pub number: String,
    /// The reference of the last call; none when no call is on record.
    pub reference: Option<String>,
    /// When the last call was intended, and how many seconds ago that is on the database's clock.
    pub intent: Option<(Moment, i64)>,
    /// The line that is known.
    pub known_line: Option<ServiceLineId>,
    /// Since when a person is waited for.
    pub review_since: Option<Moment>,
    /// The last words about it.
    pub words: Option<String>,
    /// When it ended.
    pub closed_at: Option<Moment>,
    /// What speaks against handing the device over.
    pub blocked: Option<Reason>,
}

/// A decision of a person, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settled {
    /// `adopt`, `not-created`, `give-up` or `acknowledge`.
    pub decision: String,
    /// Whose.
    pub by: String,
    /// UTC.
    pub at: Moment,
}

/// What the database knows of a line at Rev.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineAsked {
    /// Another change has it.
    pub of_change: Option<ChangeId>,
    /// Its number in RevService.
    pub number: Option<String>,
    /// Its customer's account number in RevService.
    pub customer: Option<String>,
    /// RevService has it as disconnected.
    pub disconnected: bool,
}

/// How these changes stand, by id; changes that do not exist are left out. `line`: the one that is to be adopted. One round trip.
pub async fn review(
    central: &Central,
    changes: &[ChangeId],
    line: Option<ServiceLineId>,
) -> Result<Vec<Review>, CentralError> {
    let list = json(&REVIEW, changes)?;
    let mut answer = central
        .query(&REVIEW, &[&list, &line.map(ServiceLineId::get)])
        .await?;
    answer.rows("changes", read)
}

fn read(row: &Fields<'_>) -> Result<Review, CentralError> {
    let settled_at: Option<Moment> = Moment::optional(row, "SettledAt")?;
    let settled_as = row.optional_text("SettledAs")?;
    Ok(Review {
        change: row.parsed("ChangeId", ChangeId::new)?,
        bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
        iccid: row.text("ICCID")?,
        status: row.text("Status")?,
        details: row.optional_text("StatusDetails")?,
        work: work(row)?,
        settled: match (settled_as, settled_at) {
            (Some(text), Some(at)) => Some(Settled {
                decision: text.trim_start_matches("Review settled: ").to_owned(),
                by: row.text("SettledBy")?,
                at,
            }),
            _ => None,
        },
        line: LineAsked {
            of_change: row.optional_parsed("LineOfChange", ChangeId::new)?,
            number: row.optional_text("LineNumber")?,
            customer: row.optional_text("LineCustomer")?,
            disconnected: row.get("LineDisconnected")?,
        },
    })
}

fn work(row: &Fields<'_>) -> Result<Option<ReviewWork>, CentralError> {
    let Some(fence) = row.optional("Fence")? else {
        return Ok(None);
    };
    let intent_at: Option<Moment> = Moment::optional(row, "IntentAt")?;
    Ok(Some(ReviewWork {
        fence,
        step: row.parsed("Step", |text: &str| {
            Step::read(text).ok_or_else(|| format!("`{text}` is no step"))
        })?,
        customer: row.text("RevCustomerId")?,
        number: row.text("Number")?,
        reference: row.optional_text("IntentReference")?,
        intent: intent_at.zip(row.optional("IntentAge")?),
        known_line: row.optional_parsed("RevServiceLineId", ServiceLineId::new)?,
        review_since: Moment::optional(row, "ReviewSince")?,
        words: row.optional_text("LastError")?,
        closed_at: Moment::optional(row, "ClosedAt")?,
        blocked: row.optional_parsed("Blocked", |text: &str| {
            Reason::ALL
                .into_iter()
                .find(|reason| reason.code() == text)
                .ok_or_else(|| format!("`{text}` is no reason"))
        })?,
    }))
}
