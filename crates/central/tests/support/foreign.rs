//! Bulk changes of the other producer, from its rows to what is judged of them.

use association::{
    foreign_rows::{Enrolment, sort},
    ids::BulkChangeId,
};
use central::{
    Central,
    check::check_rows_of,
    enroll::{NamedBulkChange, read},
};
use serde_json::{Value, json};

use super::World;

/// A bulk change without a row; rows are added at any time ([`add`]).
pub async fn bulk_change(world: &World) -> BulkChangeId {
    let rows = world
        .sql
        .rows(
            "SET NOCOUNT ON; \
             INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy) VALUES (4, @P1, @P2, N'NEW', N'test'); \
             SELECT CAST(SCOPE_IDENTITY() AS bigint) AS Id;",
            &[&world.provider.get(), &world.tenant.get()],
        )
        .await;
    BulkChangeId::new(rows[0].get("Id").unwrap()).unwrap()
}

/// A row for the n-th device that only assigns it, with `more` in its text.
pub async fn add(world: &World, id: BulkChangeId, n: usize, more: &Value) {
    let iccid = world.iccid(n);
    let mut text = json!({
        "ICCID": iccid.as_str(), "RevCustomerId": "1001", "CreateRevService": false, "EffectiveDate": "2026-03-01",
    });
    for (name, value) in more.as_object().unwrap() {
        text[name] = value.clone();
    }
    world
        .sql
        .run(
            "INSERT INTO dbo.M2M_DeviceChange (BulkChangeId, ICCID, ChangeRequest, Status, CreatedBy) VALUES (@P1, @P2, @P3, N'PROCESSING', N'test');",
            &[&id.get(), &iccid.as_str(), &text.to_string().as_str()],
        )
        .await;
}

/// What the tables say of the rows that were read, and what becomes of each.
pub async fn judged(central: &Central, id: BulkChangeId, named: &NamedBulkChange) -> Enrolment {
    let sorted = sort(&named.rows, named.service_provider, named.fixed.as_ref());
    let mut answers = Vec::new();
    for question in sorted.questions() {
        let answer = check_rows_of(central, &named.actor, id, question).await;
        answers.push(answer.unwrap());
    }
    sorted.judge(&answers)
}

/// Reads the bulk change and judges its rows: all but the write of an enrolment.
pub async fn read_and_judged(central: &Central, id: BulkChangeId) -> (NamedBulkChange, Enrolment) {
    let named = read(central, id).await.unwrap().unwrap();
    let enrolment = judged(central, id, &named).await;
    (named, enrolment)
}
