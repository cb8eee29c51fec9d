//! Takes work: a bulk change's chunk, its rows, the call slots for them, and what is needed to call.

use std::time::Duration;

use association::{
    actor::Actor,
    ids::{
        BulkChangeId, ChangeId, DeviceId, IntegrationAuthenticationId, RevCustomerId,
        ServiceLineId, ServiceProviderId, TenantId,
    },
    plan::Reason,
    steps::Step,
};
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::{
    Central, CentralError,
    decode::Fields,
    share_budget::{BudgetOf, with_budget},
    slots::{delays, limits, microseconds, milliseconds, whole, whole_milliseconds},
    statement::Statement,
};
pub use crate::{
    budget::BudgetLimits,
    slots::{Slots, more_slots},
};

const CLAIM: Statement = Statement::once("claim", include_str!("claim.sql"));

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ClaimAsk {
    /// Of which bulk change.
    pub bulk_change: BulkChangeId,
    /// Which chunk of it.
    pub chunk: i32,
    /// Who asks; new for every claim or every call of the function.
    pub owner: Uuid,
    /// Rows at most.
    pub most: u32,
    /// How long the rows are held. Measure it from before the claim is sent.
    pub lease: Duration,
    /// How far ahead a call slot may lie.
    pub horizon: Duration,
    /// Calls beyond those of the rows, for example for a token.
    pub extra_calls: u32,
    /// Whether the account's credentials are to be returned.
    pub with_account: bool,
    /// What the account may be asked.
    pub budget: BudgetLimits,
}

/// What was taken. Everything is empty when there is nothing to do.
#[derive(Debug)]
pub struct Claim {
    /// The bulk change; none when there is no such one at all.
    pub bulk_change: Option<ClaimedBulkChange>,
    /// Where the preflight stands.
    pub preflight: Preflight,
    /// When each call may begin, from now: the extra ones first, then one for each row that needs a call
    /// (with [`Preflight::Mine`]: the extra ones, customer, products).
    pub slots: Vec<Duration>,
    /// Whether the account is stopped: the slots are its probe, and a call that Rev takes ends the stop.
    pub probe: bool,
    /// The rows, held until the lease runs out.
    pub rows: Vec<ClaimedChange>,
    /// The Rev account, when it was asked for.
    pub account: Option<AccountRow>,
    /// Nothing was taken, but open rows of the chunk wait: when to ask again. They count as offered for then.
    pub wait: Option<Duration>,
}

/// Whether customer and products were looked up at Rev before the first line is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preflight {
    /// No service lines.
    NotNeeded,
    /// Done.
    Passed,
    /// To be made by this claim, which holds its lease instead of rows.
    Mine,
    /// Another makes it, or it waits.
    Theirs,
    /// Rev said no; what is left are rows that may be billed already.
    Refused,
}

impl Preflight {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "not-needed" => Ok(Self::NotNeeded),
            "passed" => Ok(Self::Passed),
            "mine" => Ok(Self::Mine),
            "theirs" => Ok(Self::Theirs),
            "refused" => Ok(Self::Refused),
            other => Err(format!("`{other}` is no preflight state")),
        }
    }
}

/// The bulk change that rows are claimed of.
#[derive(Debug, Clone)]
pub struct ClaimedBulkChange {
    /// `DeviceBulkChange.id`.
    pub id: BulkChangeId,
    /// On whose behalf: its tenant and CreatedBy.
    pub actor: Actor,
    /// `Tenant.Name`.
    pub tenant_name: Option<String>,
    /// Whose devices.
    pub service_provider: ServiceProviderId,
    /// 4 is an association.
    pub change_type: i32,
    /// 0 is M2M.
    pub portal_type: i32,
    /// `DeviceBulkChange.Status`.
    pub status: String,
    /// The Rev account that is billed.
    pub integration_authentication: Option<IntegrationAuthenticationId>,
    /// Who is billed; none when the stored number is no Rev customer number.
    pub rev_customer: Option<RevCustomerId>,
    /// Whether service lines are opened.
    pub create_rev_service: bool,
    /// JSON of [`association::request::Options`].
    pub options: Option<String>,
    /// Whether this system works on it.
    pub has_work: bool,
    /// Reason and Rev's words, when the preflight was refused.
    pub preflight_refused: Option<(Reason, String)>,
    /// Whether everything of it has ended.
    pub finished: bool,
}

/// A change that is held.
#[derive(Debug, Clone)]
pub struct ClaimedChange {
    /// `M2M_DeviceChange.id`.
    pub change: ChangeId,
    /// Goes with every decision on it.
    pub fence: i64,
    /// Where it stands. A row that came back with an intent stands at [`Step::Settle`].
    pub step: Step,
    /// Which device.
    pub device: Option<DeviceId>,
    /// As the change names it.
    pub iccid: String,
    /// The number that Rev knows it by, if any.
    pub msisdn: Option<String>,
    /// `M2M_DeviceChange.ChangeRequest`, or the one it shares; unread.
    pub change_request: Option<String>,
    /// Whether an intent was there before this claim: a call may have been made.
    pub earlier_intent: bool,
    /// The line that is known to be open.
    pub service_line: Option<ServiceLineId>,
    /// Calls that ended without a known outcome, those whose holder died included.
    pub unknowns: i32,
    /// Whether a look-up that finds nothing counts by now.
    pub settle_due: bool,
    /// Whether the first look-up that found nothing is at least 30 s old; none when there was none.
    pub absent_since_30s: Option<bool>,
    /// Calls that did not leave the house, and business writes that failed.
    pub attempts: i32,
    /// When the change was recorded, UTC.
    pub change_created: PrimitiveDateTime,
    /// What speaks against it by now.
    pub now_blocked: Option<Reason>,
}

/// How to reach a Rev account.
#[derive(Clone)]
pub struct AccountRow {
    /// `Integration_Authentication.id`.
    pub id: IntegrationAuthenticationId,
    /// `Integration_Connection.ProductionURL`.
    pub base_url: String,
    /// `Integration_Authentication.OAuth2_ClientId`.
    pub client_code: Option<String>,
    /// `Integration_Authentication.Username`.
    pub user: String,
    /// `Integration_Authentication.Password`, as stored.
    pub password: String,
}

/// No credential is shown.
impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRow")
            .field("id", &self.id)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// Claims, in one round trip.
///
/// After an error whose `next()` is `Unknown` rows may be held by nobody: they come back when the lease runs out.
pub async fn claim(central: &Central, ask: &ClaimAsk) -> Result<Claim, CentralError> {
    let limits = limits(&ask.budget);
    let [per_minute, per_day, burst] = limits;
    let of = BudgetOf::BulkChange(ask.bulk_change.get());
    let mut answer = with_budget(central, of, limits, || {
        let parameters = (
            ask.bulk_change.get(),
            whole(ask.most),
            whole_milliseconds(ask.lease),
            microseconds(ask.horizon),
            whole(ask.extra_calls),
        );
        async move {
            let (bulk_change, most, lease, horizon, extra) = parameters;
            central
                .query(
                    &CLAIM,
                    &[
                        &bulk_change,
                        &ask.chunk,
                        &ask.owner,
                        &most,
                        &lease,
                        &horizon,
                        &extra,
                        &ask.with_account,
                        &per_minute,
                        &per_day,
                        &burst,
                    ],
                )
                .await
        }
    })
    .await?;
    let bulk_change = answer.row("bulk change", read_bulk_change)?;
    let (preflight, slots, probe, wait) = answer.one("slots", |row| {
        Ok((
            row.parsed("Preflight", Preflight::read)?,
            delays(row)?,
            row.get("Probe")?,
            milliseconds(row, "WaitMs")?,
        ))
    })?;
    let rows = answer.rows("rows", read_change)?;
    let account = answer.row("account", read_account)?;
    Ok(Claim {
        bulk_change,
        preflight,
        // Slots that were taken for a preflight which another got in the same moment lapse.
        slots: if preflight == Preflight::Theirs {
            Vec::new()
        } else {
            slots
        },
        probe,
        rows,
        account,
        wait,
    })
}

fn read_bulk_change(row: &Fields<'_>) -> Result<ClaimedBulkChange, CentralError> {
    let tenant = row.parsed("TenantId", TenantId::new)?;
    Ok(ClaimedBulkChange {
        id: row.parsed("BulkChangeId", BulkChangeId::new)?,
        actor: Actor::from_bulk_change(tenant, &row.text("CreatedBy")?),
        tenant_name: row.optional_text("TenantName")?,
        service_provider: row.parsed("ServiceProviderId", ServiceProviderId::new)?,
        change_type: row.get("ChangeRequestTypeId")?,
        portal_type: row.get("PortalTypeId")?,
        status: row.text("Status")?,
        integration_authentication: row.optional_parsed(
            "IntegrationAuthenticationId",
            IntegrationAuthenticationId::new,
        )?,
        rev_customer: row
            .optional_text("RevCustomerId")?
            .and_then(|text| RevCustomerId::parse(&text).ok()),
        create_rev_service: row.get("CreateRevService")?,
        options: row.optional_text("Options")?,
        has_work: row.get("HasWork")?,
        preflight_refused: row.optional_text("PreflightRefused")?.map(|details| {
            let (reason, words) = Reason::read_details(&details);
            (reason.unwrap_or(Reason::RevCustomer), words.to_owned())
        }),
        finished: row.get("Finished")?,
    })
}

fn read_change(row: &Fields<'_>) -> Result<ClaimedChange, CentralError> {
    Ok(ClaimedChange {
        change: row.parsed("ChangeId", ChangeId::new)?,
        fence: row.get("Fence")?,
        step: row.parsed("Step", |text: &str| {
            Step::read(text).ok_or_else(|| format!("`{text}` is no step"))
        })?,
        device: row.optional_parsed("DeviceId", DeviceId::new)?,
        iccid: row.text("ICCID")?,
        msisdn: row.optional_text("MSISDN")?,
        change_request: row.optional_text("ChangeRequest")?,
        earlier_intent: row.get("EarlierIntent")?,
        service_line: row.optional_parsed("RevServiceLineId", ServiceLineId::new)?,
        unknowns: row.get("Unknowns")?,
        settle_due: row.get("SettleDue")?,
        absent_since_30s: row.optional("AbsentSince")?,
        attempts: row.get("Attempts")?,
        change_created: row.get("ChangeCreated")?,
        now_blocked: row.optional_parsed("Blocked", |text: &str| {
            Reason::ALL
                .into_iter()
                .find(|reason| reason.code() == text)
                .ok_or_else(|| format!("`{text}` is no reason"))
        })?,
    })
}

fn read_account(row: &Fields<'_>) -> Result<AccountRow, CentralError> {
    Ok(AccountRow {
        id: row.parsed(
            "IntegrationAuthenticationId",
            IntegrationAuthenticationId::new,
        )?,
        base_url: row.text("ProductionURL")?,
        client_code: row.optional_text("OAuth2_ClientId")?,
        user: row.optional_text("Username")?.unwrap_or_default(),
        password: row.optional_text("Password")?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables in the order in which everybody locks their rows.
    const ORDER: [&str; 5] = [
        "RevCallBudget",
        "BulkChangeWork",
        "DeviceChangeWork",
        "M2M_DeviceChange",
        "DeviceBulkChange",
    ];

    /// The tables that a statement writes, in the order of the text.
    fn written(text: &str) -> Vec<&str> {
        let mut tables = Vec::new();
        let mut alias = None;
        for line in text.lines().map(str::trim) {
            let mut words = line.split_whitespace();
            match (words.next(), words.next_back()) {
                (Some("UPDATE"), Some(last)) => match last.strip_prefix("dbo.") {
                    Some(name) => tables.push(name),
                    None => alias = Some(last),
                },
                (Some("FROM"), last) if alias.is_some() && last == alias => {
                    tables.extend(
                        line.split_whitespace()
                            .find_map(|it| it.strip_prefix("dbo.")),
                    );
                    alias = None;
                }
                _ => {}
            }
        }
        tables
    }

    #[test]
    fn rows_are_written_in_the_order_in_which_everybody_locks_them() {
        let places: Vec<usize> = written(CLAIM.text)
            .into_iter()
            .map(|name| ORDER.iter().position(|it| *it == name).unwrap())
            .collect();
        assert!(places.len() >= 9, "{places:?}");
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn a_state_that_nobody_knows_is_an_error_and_no_preflight_that_passed() {
        for (text, state) in [
            ("not-needed", Preflight::NotNeeded),
            ("passed", Preflight::Passed),
            ("mine", Preflight::Mine),
            ("theirs", Preflight::Theirs),
            ("refused", Preflight::Refused),
        ] {
            assert_eq!(Preflight::read(text), Ok(state));
        }
        for text in ["", "Passed", "done"] {
            assert!(Preflight::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_of_an_account_names_it_and_shows_no_credentials() {
        let account = AccountRow {
            id: IntegrationAuthenticationId::new(9).unwrap(),
            base_url: "https://api.rev.io".to_owned(),
            client_code: Some("fake-client".to_owned()),
            user: "fake-user".to_owned(),
            password: "not-a-password".to_owned(),
        };
        let shown = format!("{account:?}");
        assert!(
            shown.contains('9') && shown.contains("api.rev.io"),
            "{shown}"
        );
        for secret in ["fake-client", "fake-user", "not-a-password"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
