//! Takes over the rows of a bulk change that another producer wrote: two round trips beside those of the checks.

use association::{
    actor::Actor,
    foreign_rows::{Enrolment, Fixed, ForeignRow},
    ids::{
        BulkChangeId, ChangeId, DeviceId, IntegrationAuthenticationId, RevCustomerId,
        ServiceProviderId, TenantId,
    },
    plan::CHUNK,
    request::Options,
    trace::TraceId,
};
use serde::Serialize;

use crate::{
    Central, CentralError,
    driver::json,
    outbox::{OutboxKind, OutboxMessage},
    statement::Statement,
};

const READ: Statement = Statement::repeatable("enroll_read", include_str!("enroll_read.sql"));
const ENROLL: Statement = Statement::repeatable("enroll", include_str!("enroll.sql"));

/// A bulk change that a message names as a whole.
#[derive(Debug, Clone)]
pub struct NamedBulkChange {
    /// On whose behalf: its tenant and CreatedBy.
    pub actor: Actor,
    /// The carrier account of its devices.
    pub service_provider: ServiceProviderId,
    /// `ChangeRequestTypeId`.
    pub change_type: i32,
    /// `Integration.PortalTypeId` of the carrier: 0 is M2M.
    pub portal_type: i32,
    /// Whether the producer has withdrawn it.
    pub deleted: bool,
    /// Whether this system works on it already.
    pub has_work: bool,
    /// What an earlier enrolment has fixed; none when none has accepted a row yet.
    pub fixed: Option<Fixed>,
    /// Its rows that nobody has processed and that have no work row; none when it is not an M2M association.
    pub rows: Vec<ForeignRow>,
}

impl NamedBulkChange {
    /// Whether it is one of those that this function works on: customer assignment (4) of the M2M portal (0).
    #[must_use]
    pub fn is_association(&self) -> bool {
        self.change_type == 4 && self.portal_type == 0
    }
}

/// What was enrolled by this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// Rows that are worked on from now on.
    pub accepted: usize,
    /// Rows that have ended with a reason.
    pub refused: usize,
    /// Whether Rev is to be asked for customer and products before anything else.
    pub preflight_open: bool,
    /// To be sent now; what is not sent within a minute is the sweep's.
    pub outbox: Vec<OutboxMessage>,
}

/// Reads a bulk change and the rows that are to be enrolled, in one round trip. None: there is no such bulk change.
pub async fn read(
    central: &Central,
    id: BulkChangeId,
) -> Result<Option<NamedBulkChange>, CentralError> {
    let mut answer = central.query(&READ, &[&id.get()]).await?;
    let named = answer.row("bulk change", |row| {
        let tenant = row.parsed("TenantId", TenantId::new)?;
        let customer = row.optional_parsed("RevCustomerId", RevCustomerId::parse)?;
        let account = row.optional_parsed(
            "IntegrationAuthenticationId",
            IntegrationAuthenticationId::new,
        )?;
        let is_fixed: bool = row.get("IsFixed")?;
        let options: Options = row
            .optional_text("Options")?
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Ok(NamedBulkChange {
            actor: Actor::from_bulk_change(tenant, &row.text("CreatedBy")?),
            service_provider: row.parsed("ServiceProviderId", ServiceProviderId::new)?,
            change_type: row.get("ChangeRequestTypeId")?,
            portal_type: row.get("PortalTypeId")?,
            deleted: row.get("IsDeleted")?,
            has_work: row.get("HasWork")?,
            fixed: customer.zip(account).filter(|_| is_fixed).map(
                |(rev_customer, integration_authentication)| Fixed {
                    rev_customer,
                    integration_authentication,
                    carrier_plan: options.carrier_plan,
                },
            ),
            rows: Vec::new(),
        })
    })?;
    let rows = answer.rows("rows", |row| {
        Ok(ForeignRow {
            change: row.parsed("ChangeId", ChangeId::new)?,
            iccid: row.text("ICCID")?,
            device: row.optional("DeviceId")?,
            text: row.optional_text("ChangeRequest")?,
        })
    })?;
    Ok(named.map(|named| NamedBulkChange { rows, ..named }))
}

/// One row of `OPENJSON` in enroll.sql.
#[derive(Serialize)]
struct Row {
    change: ChangeId,
    device: Option<DeviceId>,
    chunk: Option<usize>,
    service: bool,
    request: Option<String>,
    details: Option<String>,
}

/// Writes an enrolment of what was read as `named`, whole or not at all. None: another took the bulk change or a device of it
/// since; read and check again, nothing was written.
///
/// `trace` goes along with everything that follows; the first one that a bulk change got stays.
///
/// Safe to repeat: rows that have a work row or an end by then are left alone.
pub async fn enroll(
    central: &Central,
    id: BulkChangeId,
    named: &NamedBulkChange,
    enrolment: &Enrolment,
    trace: Option<&TraceId>,
) -> Result<Option<Enrolled>, CentralError> {
    let rows = json(&ENROLL, &rows(enrolment)?)?;
    let options = json(&ENROLL, &enrolment.options)?;
    let customer = enrolment.customer.as_ref();
    let written = central
        .query(
            &ENROLL,
            &[
                &id.get(),
                &named.actor.tenant().get(),
                &customer.map(|(_, account)| account.get()),
                &customer.map(|(number, _)| number.as_str()),
                &options.as_str(),
                &rows.as_str(),
                &named.fixed.is_some(),
                &trace.map(TraceId::as_str),
            ],
        )
        .await;
    let mut answer = match written {
        Err(error) if matches!(error.number(), Some(2601 | 2627)) => return Ok(None),
        written => written?,
    };
    let (again, accepted, refused, preflight_open) = answer.one("enrolled", |row| {
        Ok((
            row.get::<bool>("Again")?,
            row.get::<i32>("Accepted")?,
            row.get::<i32>("Refused")?,
            row.get::<&str>("Preflight")? == "open",
        ))
    })?;
    if again {
        return Ok(None);
    }
    let count = |number: i32| usize::try_from(number).unwrap_or_default();
    Ok(Some(Enrolled {
        accepted: count(accepted),
        refused: count(refused),
        preflight_open,
        outbox: answer.rows("outbox", |row| {
            Ok(OutboxMessage {
                id: row.get("Id")?,
                kind: OutboxKind::Chunk,
                bulk_change: id,
                payload: row.text("Payload")?,
                trace: trace.cloned(),
            })
        })?,
    }))
}

fn rows(enrolment: &Enrolment) -> Result<Vec<Row>, CentralError> {
    let mut rows = Vec::with_capacity(enrolment.accepted.len() + enrolment.refused.len());
    for (place, accepted) in enrolment.accepted.iter().enumerate() {
        rows.push(Row {
            change: accepted.change,
            device: Some(accepted.device),
            chunk: Some(place / CHUNK),
            service: accepted.request.create_rev_service,
            request: Some(json(&ENROLL, &accepted.request)?),
            details: None,
        });
    }
    rows.extend(enrolment.refused.iter().map(|refused| Row {
        change: refused.change,
        device: refused.device,
        chunk: None,
        service: false,
        request: None,
        details: Some(refused.reason.details(&refused.words)),
    }));
    Ok(rows)
}
