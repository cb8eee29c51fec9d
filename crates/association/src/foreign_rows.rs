//! The rows of a bulk change that another producer wrote: which questions its checks ask, and what becomes of each row.
//!
//! Customer, Site and billing account come from the tables; a row that says otherwise is refused with what disagrees. The bulk
//! change has one customer and one carrier plan, those of its first readable row. Everything else may differ from row to row.

mod judging;

use std::collections::HashMap;

use self::judging::{judge, shared_options};
use crate::{
    change_request::ChangeRequest,
    check::Found,
    foreign::{ForeignChange, Malformed, read},
    ids::{
        ChangeId, DeviceId, Iccid, IntegrationAuthenticationId, RevCustomerId, ServiceProviderId,
    },
    plan::Reason,
    request::{AssociateRequest, CarrierPlanOptions, Effective, Options},
};

/// A row as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRow {
    /// `M2M_DeviceChange.id`.
    pub change: ChangeId,
    /// As the other producer wrote it.
    pub iccid: String,
    /// `DeviceId`, where the producer found the device.
    pub device: Option<i32>,
    /// Its JSON; none when neither the row nor a shared request has one.
    pub text: Option<String>,
}

/// What an earlier enrolment of the same bulk change has fixed for all of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// Who is billed.
    pub rev_customer: RevCustomerId,
    /// By which account.
    pub integration_authentication: IntegrationAuthenticationId,
    /// The carrier plan of the linked change.
    pub carrier_plan: Option<CarrierPlanOptions>,
}

/// A row that ends without being worked on: ERROR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Which change.
    pub change: ChangeId,
    /// The stable code.
    pub reason: Reason,
    /// For people.
    pub words: String,
    /// Its device, when it is known.
    pub device: Option<DeviceId>,
}

/// A row to work on.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedRow {
    /// Which change.
    pub change: ChangeId,
    /// Its device.
    pub device: DeviceId,
    /// The change in our own form; everything that depends on today is fixed in it.
    pub request: ChangeRequest,
}

/// What becomes of the rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Enrolment {
    /// Who is billed, by which account; none when no row names a usable customer.
    pub customer: Option<(RevCustomerId, IntegrationAuthenticationId)>,
    /// What is asked for, as far as one value can say it: see [`Sorted::judge`].
    pub options: Options,
    /// In the order of the rows.
    pub accepted: Vec<AcceptedRow>,
    /// The others.
    pub refused: Vec<RefusedRow>,
}

/// One readable row.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    change: ChangeId,
    iccid: Iccid,
    device: Option<i32>,
    asks: ForeignChange,
}

/// Rows that one question answers, because they name the same plan and pool.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    question: AssociateRequest,
    rows: Vec<Row>,
}

/// Rows read and sorted into questions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sorted {
    /// Whether the account of the questions is the bulk change's already, and not just what a row says.
    account_is_fixed: bool,
    groups: Vec<Group>,
    refused: Vec<RefusedRow>,
}

/// Reads the rows and sorts out what no question to the database is needed for.
#[must_use]
pub fn sort(rows: &[ForeignRow], provider: ServiceProviderId, fixed: Option<&Fixed>) -> Sorted {
    let mut sorted = Sorted {
        account_is_fixed: fixed.is_some(),
        ..Sorted::default()
    };
    let mut readable = Vec::with_capacity(rows.len());
    for row in rows {
        match readable_row(row) {
            Ok(row) => readable.push(row),
            Err((reason, words)) => sorted.refuse(row.change, reason, words, None),
        }
    }
    let Some(first) = readable.first() else {
        return sorted;
    };
    let rev_customer = fixed.map_or_else(
        || first.asks.rev_customer.clone(),
        |fixed| fixed.rev_customer.clone(),
    );
    let carrier_plan = fixed.map_or_else(
        || first.asks.options.carrier_plan.clone(),
        |fixed| fixed.carrier_plan.clone(),
    );
    let account = fixed
        .map(|fixed| fixed.integration_authentication)
        .or_else(|| {
            readable
                .iter()
                .find_map(|row| row.asks.integration_authentication)
                .and_then(|id| IntegrationAuthenticationId::new(id).ok())
        });
    let mut seen = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<(Option<i32>, Option<i32>), usize> = HashMap::new();
    for row in readable {
        if row.asks.rev_customer != rev_customer {
            let words = format!(
                "RevCustomerId is {}, and the bulk change is for {rev_customer}",
                row.asks.rev_customer
            );
            sorted.refuse(row.change, Reason::MalformedChange, words, None);
            continue;
        }
        if row.asks.options.carrier_plan != carrier_plan {
            let words =
                "CarrierRatePlan or CommPlan is another than in the rest of the bulk change";
            sorted.refuse(row.change, Reason::MalformedChange, words.to_owned(), None);
            continue;
        }
        if let Some(other) = seen.insert(row.iccid.clone(), row.change) {
            seen.insert(row.iccid, other);
            let words = format!("the bulk change names the device twice: change {other} counts");
            sorted.refuse(row.change, Reason::DuplicateDevice, words, None);
            continue;
        }
        let plan = row.asks.options.customer_plan.as_ref();
        let key = (
            plan.map(|plan| plan.customer_rate_plan),
            plan.and_then(|plan| plan.customer_rate_pool),
        );
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Group {
                question: AssociateRequest {
                    devices: Vec::new(),
                    duplicates: Vec::new(),
                    service_provider: provider,
                    rev_customer: rev_customer.clone(),
                    integration_authentication: account,
                    effective: Effective::SubmitDay,
                    options: Options {
                        rev_service: None,
                        carrier_plan: carrier_plan.clone(),
                        // Its allocation is the first row's: nothing asks the question for one.
                        customer_plan: plan.cloned(),
                    },
                },
                rows: Vec::new(),
            });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group.question.devices.push(row.iccid.clone());
            if row.asks.effective == Effective::CarrierActivation {
                group.question.effective = Effective::CarrierActivation;
            }
            group.rows.push(row);
        }
    }
    sorted.groups = groups;
    sorted
}

fn readable_row(row: &ForeignRow) -> Result<Row, (Reason, String)> {
    let malformed = |Malformed(words)| (Reason::MalformedChange, words);
    let text = row
        .text
        .as_deref()
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| malformed(Malformed::new("the row has no stored change")))?;
    let asks = read(text).map_err(malformed)?;
    let iccid = Iccid::parse(&row.iccid).map_err(|_| {
        (
            Reason::DeviceNotFound,
            "the ICCID is not one: 18 to 22 digits".to_owned(),
        )
    })?;
    if asks.iccid.as_ref().is_some_and(|said| *said != iccid) {
        return Err(malformed(Malformed::new(
            "ICCID names another device than the row",
        )));
    }
    Ok(Row {
        change: row.change,
        iccid,
        device: row.device.filter(|id| *id != 0),
        asks,
    })
}

impl Sorted {
    /// What to ask the database, one question for each distinct plan and pool. Both producers write one for the whole bulk
    /// change, so there is one.
    pub fn questions(&self) -> impl Iterator<Item = &AssociateRequest> {
        self.groups.iter().map(|group| &group.question)
    }

    /// Decides every row from the answers, given in the order of the questions.
    ///
    /// The options of the bulk change are those of its first accepted row, and of the first with a service line. Its products
    /// are those that every line is billed with, and there may be none: Rev is asked once for all rows whether it offers them,
    /// and a refusal ends them all.
    #[must_use]
    pub fn judge(self, answers: &[Found]) -> Enrolment {
        let mut enrolment = Enrolment {
            refused: self.refused,
            ..Enrolment::default()
        };
        let mut taken: Vec<(AcceptedRow, Options)> = Vec::new();
        for (group, found) in self.groups.iter().zip(answers) {
            judge(
                group,
                self.account_is_fixed,
                found,
                &mut taken,
                &mut enrolment,
            );
        }
        taken.sort_by_key(|(row, _)| row.change.get());
        enrolment.options = shared_options(taken.iter().map(|(_, options)| options));
        enrolment.accepted = taken.into_iter().map(|(row, _)| row).collect();
        enrolment
    }

    fn refuse(
        &mut self,
        change: ChangeId,
        reason: Reason,
        words: String,
        device: Option<DeviceId>,
    ) {
        self.refused.push(RefusedRow {
            change,
            reason,
            words,
            device,
        });
    }
}
