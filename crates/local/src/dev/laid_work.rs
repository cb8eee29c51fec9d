//! The bulk changes that events/ names, laid down in this order, because a fresh database numbers them.

use anyhow::{Context, ensure};
use central::{
    Settings,
    migrate::{Script, load},
};
use serde_json::{Value, json};

use super::functions::Functions;
use crate::{
    event_samples::{
        Function, OF_OTHER_PRODUCER, OF_OTHER_TYPE, SUBMITTED, committed_token, samples,
    },
    sample::Group,
};

/// CustomerAssignment.
const ASSIGNMENT: i32 = 4;
/// StatusUpdate: not ours.
const OTHER_TYPE: i32 = 1;
/// Devices of the sample data that the submitted bulk change does not name, by their number in the group.
const FIRST_OF_OTHERS: usize = 20;

pub(super) struct LaidWork;

impl LaidWork {
    /// Submits [`SUBMITTED`] through the function, and writes [`OF_OTHER_PRODUCER`] and [`OF_OTHER_TYPE`] as their producer does:
    /// without the message, which is in events/.
    pub(super) async fn lay(functions: &Functions, connection_string: &str) -> anyhow::Result<()> {
        functions.listen().await;
        let token = committed_token().context("events/ holds no token: run `make events`")?;
        let submit = samples(&token)
            .into_iter()
            .find(|sample| sample.name == "http-associate-customer")
            .context("events/ has no request to submit")?;
        let answer = functions.call(Function::Intake, &submit.event).await?;
        ensure!(
            answer["statusCode"] == 202,
            "events/http-associate-customer.json is answered {answer}"
        );
        let settings = Settings::from_connection_string(connection_string)?;
        let written = Script::new("dev/written.sql", include_str!("written.sql"));
        load(&settings, &[written.with_json(&bulk_changes())?])
            .await
            .context("the bulk changes of the other producer could not be laid down")?;
        Ok(())
    }
}

/// Ids, types and rows.
fn bulk_changes() -> Value {
    debug_assert_eq!((SUBMITTED, OF_OTHER_PRODUCER, OF_OTHER_TYPE), (1, 2, 3));
    let devices = Group::Assignable.iccids(1, 23);
    let iccids: Vec<&str> = devices[FIRST_OF_OTHERS..]
        .iter()
        .map(association::ids::Iccid::as_str)
        .collect();
    json!([
        {"id": OF_OTHER_PRODUCER, "type": ASSIGNMENT, "iccid": iccids[0], "msisdn": "1555110000021", "text": by_old_portal(iccids[0]).to_string()},
        {"id": OF_OTHER_PRODUCER, "type": ASSIGNMENT, "iccid": iccids[1], "msisdn": null, "text": by_amop(iccids[1]).to_string()},
        {"id": OF_OTHER_TYPE, "type": OTHER_TYPE, "iccid": iccids[2], "msisdn": null, "text": "{}"},
    ])
}

/// The JSON of one device as the old portal writes it.
fn by_old_portal(iccid: &str) -> Value {
    json!({
        "Number": "1555110000021", "ICCID": iccid, "RevCustomerId": "1001", "DeviceId": FIRST_OF_OTHERS + 1, "CreateRevService": true,
        "ServiceTypeId": 1, "RevPackageId": null, "RevProductIdList": [11], "RateList": [4.5], "Prorate": false, "Description": "events",
        "EffectiveDate": "2026-03-01T00:00:00", "AddCarrierRatePlan": false, "CarrierRatePlan": null, "CommPlan": null,
        "IntegrationAuthenticationId": 1, "JasperDeviceID": "fake-jasper-id", "SiteId": 1, "ActivatedDate": "2026-03-01T00:00:00",
        "ProviderId": 1, "UsagePlanGroupId": null, "AddCustomerRatePlan": true, "CustomerRatePlan": "1", "CustomerRatePool": "",
        "RevProductId": null, "Rate": null,
    })
}

/// The JSON of one device as AMOP 2.0 writes it.
fn by_amop(iccid: &str) -> Value {
    json!({
        "Number": iccid, "ICCID": iccid, "RevCustomerId": 1001, "DeviceId": null, "CreateRevService": "true", "ServiceTypeId": "1",
        "RevPackageId": 0, "RevProductIdList": 11, "RateList": "4.50", "Prorate": null, "Description": "", "EffectiveDate": null,
        "AddCarrierRatePlan": null, "IntegrationAuthenticationId": 0, "SiteId": null, "ActivatedDate": null, "ProviderId": "1",
        "AddCustomerRatePlan": null, "CustomerRatePlan": 1, "ServiceProviderId": 1, "ChangeType": "Assign Customer",
    })
}
