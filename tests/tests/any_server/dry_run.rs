//! What `validateOnly` tells is what then happens.

use std::collections::BTreeSet;

use end_to_end::{Wishes, World};
use serde_json::{Value, json};

fn texts(list: &Value, member: &str) -> BTreeSet<String> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one[member].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_devices_numbers_and_calls_that_are_told_are_those_that_come() {
    let world = World::start(Wishes::devices(40)).await;
    let archived = format!(
        "UPDATE dbo.Device SET IsActive = 0, IsDeleted = 1 WHERE ICCID = '{}'",
        world.iccid(40)
    );
    world.sql().await.rows(&archived).await;
    let mut request = world.with_service(&world.iccids(1..=40));
    request["addCustomerRatePlan"] = json!(true);
    request["customerRatePlan"] = json!(world.plan);

    let told = world
        .http()
        .post(world.url("/M2M/AssociateCustomer?validateOnly=true"))
        .bearer_auth(world.token())
        .json(&request)
        .send()
        .await
        .unwrap();
    assert_eq!(told.status(), 200);
    let told: Value = told.json().await.unwrap();
    assert_eq!(world.unfinished().await, 0);
    assert!(world.rev.lines().is_empty() && world.rev.calls().is_empty());

    let answer = world.post(&request).await;
    let id = answer.bulk_change();
    assert_eq!(told["accepted"], answer.body["accepted"]);
    assert_eq!(told["rejected"], answer.body["rejected"]);
    world.drain().await;
    let numbers: BTreeSet<String> = world
        .rev
        .lines()
        .into_iter()
        .map(|line| line.number)
        .collect();
    assert_eq!(texts(&told["devices"], "number"), numbers);
    assert_eq!(told["revCalls"], world.rev.calls().len());
    let items = Value::from(world.items(id).await);
    let processed: Vec<Value> = items
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["status"] == "PROCESSED")
        .cloned()
        .collect();
    assert_eq!(
        texts(&told["devices"], "device"),
        texts(&Value::from(processed), "iccid")
    );
    for device in told["devices"].as_array().unwrap() {
        assert_eq!(
            device["steps"],
            json!([
                "open-service-line",
                "take-ownership",
                "assign-customer-rate-plan"
            ])
        );
    }

    // Told again, every device has its line by now.
    let again = world
        .http()
        .post(world.url("/M2M/AssociateCustomer?validateOnly=true"))
        .bearer_auth(world.token())
        .json(&request)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 422);
    let again: Value = again.json().await.unwrap();
    assert_eq!(again["type"], "/problems/no-device-can-be-associated");
    assert_eq!(
        texts(&again["rejected"], "code"),
        ["active-service-line", "device-archived"]
            .map(str::to_owned)
            .into()
    );
}
