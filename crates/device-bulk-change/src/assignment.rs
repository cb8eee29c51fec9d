//! The record of one change: everything that Device_Tenant and its histories take over, in the names of the database. No I/O.

use association::{change_request::ChangeRequest, ids::ServiceLineId};
use central::{
    claim::ClaimedChange,
    record::{CustomerPlan, Ending, LogEntry, Record, RecordedLine},
};
use serde_json::json;

/// The record of a change that takes over ownership, and its log entries.
pub(crate) fn of(
    row: &ClaimedChange,
    request: &ChangeRequest,
    line: Option<ServiceLineId>,
) -> (Record, Vec<LogEntry>) {
    let number = |text: &Option<String>| {
        text.as_deref()
            .and_then(|text| text.trim().parse::<i32>().ok())
    };
    let plan = if request.add_customer_rate_plan {
        number(&request.customer_rate_plan).map(|id| CustomerPlan {
            id,
            pool: number(&request.customer_rate_pool),
            allocation_mb: request.customer_data_allocation_mb,
        })
    } else {
        None
    };
    let recorded_line = line.map(|id| RecordedLine {
        id,
        number: request.number.clone(),
        activated_date: request.activated_date,
        description: request.description.clone(),
        prorate: request.prorate,
    });
    let logs = logs(row, request, line, plan.as_ref());
    let record = Record {
        change: row.change,
        fence: row.fence,
        ending: Ending::Assign,
        device: Some(request.device_id),
        account_number: Some(request.rev_customer_id.clone()),
        integration_authentication: Some(request.integration_authentication_id),
        site: Some(request.site_id),
        effective_date: Some(request.effective_date),
        plan,
        service_line: recorded_line,
        api_details: line.map(|id| json!({ "ok": true, "id": id }).to_string()),
    };
    (record, logs)
}

/// The record of a change that ends without ownership.
pub(crate) fn ended(row: &ClaimedChange, ending: Ending) -> Record {
    Record {
        change: row.change,
        fence: row.fence,
        ending,
        device: row.device,
        account_number: None,
        integration_authentication: None,
        site: None,
        effective_date: None,
        plan: None,
        service_line: None,
        api_details: None,
    }
}

fn logs(
    row: &ClaimedChange,
    request: &ChangeRequest,
    line: Option<ServiceLineId>,
    plan: Option<&CustomerPlan>,
) -> Vec<LogEntry> {
    let entry = |description: &str, request: String| LogEntry {
        change: row.change,
        description: description.to_owned(),
        request: Some(request),
        has_errors: false,
        response_status: "PROCESSED".to_owned(),
        response: Some("OK".to_owned()),
        error: None,
    };
    let mut logs = Vec::new();
    if let Some(line) = line {
        logs.push(entry(
            "Create Rev.io Service: Update AMOP",
            format!("RevServiceId={line}"),
        ));
    }
    logs.push(entry(
        "AMOP Customer Assignment",
        format!(
            "AccountNumber={}, SiteId={}",
            request.rev_customer_id, request.site_id
        ),
    ));
    if let Some(plan) = plan {
        logs.push(entry(
            "AMOP Customer Rate Plan Assignment",
            format!(
                "CustomerRatePlanId={}, from {}",
                plan.id, request.effective_date
            ),
        ));
        if let Some(pool) = plan.pool {
            logs.push(entry(
                "AMOP Customer Rate Pool Assignment",
                format!("CustomerRatePoolId={pool}, from {}", request.effective_date),
            ));
        }
    }
    logs
}
