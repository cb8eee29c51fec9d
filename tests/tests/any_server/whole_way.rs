//! The whole way of a request, with nothing going wrong: what the caller sees, what Rev holds, what the tables say.

use end_to_end::{
    Wishes, World,
    world::{CUSTOMER, OTHER_CUSTOMER},
};
use serde_json::{Value, json};

/// Lays down what cannot be assigned: 101 archived, 102 of another customer, 103 in a status that does not allow it.
async fn spoil(world: &World) {
    let mut sql = world.sql().await;
    let change = |set: &str, n: usize| {
        format!(
            "UPDATE dbo.Device SET {set} WHERE ICCID = '{}'",
            world.iccid(n)
        )
    };
    sql.query(&change("IsActive = 0, IsDeleted = 1", 101), &[])
        .await;
    let assign = format!(
        "INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, CreatedBy) SELECT d.id, {}, '{OTHER_CUSTOMER}', N'test' FROM dbo.Device AS d WHERE d.ICCID = '{}'",
        world.tenant,
        world.iccid(102)
    );
    sql.query(&assign, &[]).await;
    sql.query(&change("DeviceStatusId = (SELECT s.id FROM dbo.DeviceStatus AS s WHERE s.Status = N'TEST_READY' AND s.IntegrationId = 1)", 103), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn good_devices_are_billed_and_assigned_and_the_others_say_why_not() {
    let world = World::start(Wishes::devices(103)).await;
    spoil(&world).await;
    let devices = world.iccids((1..=104).chain([1]));
    let mut request = world.with_service(&devices);
    request["addCustomerRatePlan"] = json!(true);
    request["customerRatePlan"] = json!(world.plan);
    let answer = world.post(&request).await;
    let id = answer.bulk_change();
    assert_eq!(
        (
            answer.body["accepted"].as_i64(),
            answer.body["duplicates"].as_array().map(Vec::len)
        ),
        (Some(100), Some(1))
    );
    let rejected: Vec<(&str, &str)> = answer.body["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rejection| {
            (
                rejection["device"].as_str().unwrap(),
                rejection["code"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (world.iccid(101), "device-archived"),
        (world.iccid(102), "assigned-to-other-customer"),
        (world.iccid(103), "device-status"),
        (world.iccid(104), "device-not-found"),
    ];
    assert_eq!(
        rejected,
        expected
            .each_ref()
            .map(|(iccid, code)| (iccid.as_str(), *code))
    );

    world.drain().await;

    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("ERROR".to_owned(), 4), ("PROCESSED".to_owned(), 100)].into()
    );
    assert_eq!(world.rev.lines().len(), 100);
    let assignments = world.assignments(id).await;
    for n in 1..=100 {
        let (account, service, plan) = &assignments[&world.iccid(n)];
        assert_eq!(
            (account.as_str(), service.is_some(), *plan),
            (CUSTOMER, true, Some(world.plan))
        );
    }
    let status = world.get(&format!("/M2M/BulkChangeStatus/{id}")).await.body;
    assert_eq!(status["status"], "PROCESSED");
    assert_eq!(
        (
            status["counts"]["processed"].as_i64(),
            status["counts"]["failed"].as_i64()
        ),
        (Some(100), Some(4))
    );
    let items = world.items(id).await;
    assert_eq!(items.len(), 104);
    for item in items.iter().filter(|item| item["status"] == "PROCESSED") {
        let indicators = item["indicators"].as_object().unwrap();
        assert_eq!(indicators.len(), 7);
        assert!(
            indicators
                .values()
                .all(|indicator| *indicator == Value::Bool(true)),
            "{item}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_tell_the_whole_story() {
    let world = World::start(Wishes::devices(3)).await;
    let mut request = world.with_service(&world.iccids(1..=3));
    request["addCustomerRatePlan"] = json!(true);
    request["customerRatePlan"] = json!(world.plan);
    let id = world.post(&request).await.bulk_change();
    world.drain().await;
    let mut sql = world.sql().await;
    let count = async |sql: &mut end_to_end::sql::Sql, table: &str, condition: &str| {
        sql.number(&format!(
            "SELECT COUNT_BIG(*) FROM dbo.{table} WHERE {condition}"
        ))
        .await
    };
    let of_bulk = format!("BulkChangeId = {id}");
    for field in ["Customer", "Rev Service", "Customer Rate Plan"] {
        assert_eq!(
            count(
                &mut sql,
                "DeviceActionHistory",
                &format!("{of_bulk} AND ChangedField = N'{field}'")
            )
            .await,
            3,
            "{field}"
        );
    }
    for step in [
        "Create Rev.io Service: Rev.io API",
        "Create Rev.io Service: Update AMOP",
        "AMOP Customer Assignment",
        "AMOP Customer Rate Plan Assignment",
    ] {
        let logged = count(
            &mut sql,
            "DeviceBulkChangeLog",
            &format!("{of_bulk} AND LogEntryDescription = N'{step}' AND HasErrors = 0"),
        )
        .await;
        assert_eq!(logged, 3, "{step}");
    }
    assert_eq!(
        count(
            &mut sql,
            "DeviceHistory",
            &format!("TenantId = {}", world.tenant)
        )
        .await,
        3
    );
    assert_eq!(
        count(
            &mut sql,
            "RevService",
            &format!("RevServiceId IN (SELECT w.RevServiceLineId FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = {id}) \
                AND IntegrationAuthenticationId IN (SELECT a.id FROM dbo.Integration_Authentication AS a WHERE a.TenantId = {})", world.tenant)
        )
        .await,
        3
    );
    assert_eq!(
        count(
            &mut sql,
            "DeviceBulkChange",
            &format!("id = {id} AND Status = N'PROCESSED'")
        )
        .await,
        1
    );
    let told: Vec<Value> = world.amop.told();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["data"]["key_name"], "m2m_inventory_live_sync");
    assert_eq!(told[0]["data"]["path"], "/lambda_sync_jobs_");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_service_nothing_is_billed() {
    let world = World::start(Wishes::devices(5)).await;
    let id = world
        .post(&world.with_plan(&world.iccids(1..=5)))
        .await
        .bulk_change();
    world.drain().await;
    assert!(world.rev.calls().is_empty());
    world.assert_never_billed(id).await;
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 5)].into()
    );
    for item in world.items(id).await {
        assert_eq!(item["indicators"]["serviceCreated"], Value::Null);
        assert_eq!(item["indicators"]["ratePlanAssigned"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_rev_does_not_know_refuses_the_bulk_change_with_one_call() {
    let world = World::start(Wishes::devices(5)).await;
    let mut request = world.with_service(&world.iccids(1..=5));
    request["products"] = json!([{"productId": 999_999, "rate": 1}]);
    let id = world.post(&request).await.bulk_change();
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("API_FAILED".to_owned(), 5)].into()
    );
    assert!(
        world
            .changes(id)
            .await
            .iter()
            .all(|change| change.details.starts_with("rev-product: "))
    );
    assert!(world.rev.lines().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_free_again_when_its_change_is_finished_and_is_not_billed_twice() {
    let world = World::start(Wishes::devices(2)).await;
    let devices = world.iccids(1..=2);
    world
        .post(&world.with_service(&devices))
        .await
        .bulk_change();
    let refused = world.post(&world.with_service(&devices)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.to_string().contains("unfinished-change"));
    world.drain().await;
    let refused = world.post(&world.with_service(&devices)).await;
    assert!(
        refused.body.to_string().contains("active-service-line"),
        "{}",
        refused.body
    );
    let planned = world.post(&world.with_plan(&devices)).await.bulk_change();
    world.drain().await;
    assert_eq!(
        world.statuses(planned).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
}
