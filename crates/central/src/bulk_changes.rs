//! Asks for a page of the bulk changes that a caller may see, in one round trip.

use association::{actor::Actor, ids::BulkChangeId};
use time::PrimitiveDateTime;

use crate::{
    Central, CentralError,
    decode::Fields,
    listing::{Filter, Page, Slice, Sort},
    statement::Statement,
    status::ChangeType,
};

const BULK_CHANGES: Statement =
    Statement::repeatable("bulk_changes", include_str!("bulk_changes.sql"));

/// What the list can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// The moment of the request.
    Created,
    /// NEW, PROCESSING, PROCESSED or ERROR, by the alphabet.
    Status,
}

impl SortBy {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Created, Self::Status];

    /// As parameters of a URL and of the statement name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Status => "status",
        }
    }
}

/// `DeviceBulkChange.Status`, of those that this system writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkStatus {
    /// Nobody has begun.
    New,
    /// Somebody works on it.
    Processing,
    /// At its end, with one device at least that succeeded.
    Processed,
    /// At its end, and no device succeeded.
    Error,
}

impl BulkStatus {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::New, Self::Processing, Self::Processed, Self::Error];

    /// As the database keeps it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Processing => "PROCESSING",
            Self::Processed => "PROCESSED",
            Self::Error => "ERROR",
        }
    }
}

/// Which bulk changes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which of them are told.
    pub page: Page,
    /// In which order; ties by id in the same direction.
    pub sort: Sort<SortBy>,
    /// Text in the customer's name or number or in the author's name; or the whole id.
    pub filter: Option<Filter>,
    /// Only those that stand here.
    pub status: Option<BulkStatus>,
    /// Only those that the caller asked for.
    pub mine: bool,
}

/// One bulk change in a list. Every device is in one of four places: waiting, in work, processed, failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkChange {
    /// `DeviceBulkChange.id`.
    pub id: BulkChangeId,
    /// What it does.
    pub change_type: ChangeType,
    /// `DeviceBulkChange.Status`.
    pub status: String,
    /// The audit name of who asked for it.
    pub created_by: String,
    /// UTC.
    pub created_at: PrimitiveDateTime,
    /// `ServiceProvider.id`.
    pub service_provider: i32,
    /// Its display name; none when it is not of the tenant.
    pub service_provider_name: Option<String>,
    /// The account number; none before a bulk change of another producer was taken up.
    pub customer_account: Option<String>,
    /// `RevCustomer.CustomerName`.
    pub customer_name: Option<String>,
    /// All devices.
    pub total: i64,
    /// Nobody works on it now.
    pub waiting: i64,
    /// Under a lease.
    pub in_work: i64,
    /// Ended without an error.
    pub processed: i64,
    /// Ended with an error, rejected ones and those in review included.
    pub failed: i64,
    /// Of the failed ones: those whose billing a person has to settle.
    pub in_review: i64,
    /// The bulk change that this one followed.
    pub linked_from: Option<BulkChangeId>,
    /// UTC; when its last device ended.
    pub finished_at: Option<PrimitiveDateTime>,
}

/// One page of the bulk changes that the caller may see, and how many there are.
pub async fn bulk_changes(
    central: &Central,
    actor: &Actor,
    question: &Question,
) -> Result<Slice<BulkChange>, CentralError> {
    let filter = question.filter.as_ref();
    let mut answer = central
        .query(
            &BULK_CHANGES,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &question.page.rows_before(),
                &question.page.rows(),
                &question.sort.by.name(),
                &question.sort.direction.name(),
                &filter.map(Filter::pattern),
                &filter.map(Filter::text),
                &question.status.map(BulkStatus::name),
                &question.mine.then(|| actor.name()),
            ],
        )
        .await?;
    Ok(Slice {
        total: answer.one("total", |row| row.get("Total"))?,
        items: answer.rows("bulk changes", bulk_change)?,
    })
}

fn bulk_change(row: &Fields<'_>) -> Result<BulkChange, CentralError> {
    let total: i64 = row.get("Total")?;
    let [in_work, processed, failed]: [i64; 3] = [
        row.get("InWork")?,
        row.get("Processed")?,
        row.get("Failed")?,
    ];
    Ok(BulkChange {
        id: row.parsed("id", BulkChangeId::new)?,
        change_type: ChangeType::of(row.get("ChangeRequestTypeId")?),
        status: row.text("Status")?,
        created_by: row.text("CreatedBy")?,
        created_at: row.get("CreatedDate")?,
        service_provider: row.get("ServiceProviderId")?,
        service_provider_name: row.optional_text("ServiceProvider")?,
        customer_account: row.optional_text("CustomerAccount")?,
        customer_name: row.optional_text("CustomerName")?,
        total,
        waiting: total - in_work - processed - failed,
        in_work,
        processed,
        failed,
        in_review: row.get("InReview")?,
        linked_from: row.optional_parsed("LinkedFrom", BulkChangeId::new)?,
        finished_at: row.optional("FinishedDate")?,
    })
}
