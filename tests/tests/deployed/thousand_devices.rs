//! A big request through everything.

use end_to_end::{Wishes, World, world::CUSTOMER};
use local::rev::Call;

use crate::ground::Ground;

const DEVICES: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_devices_of_one_request_are_each_billed_once() {
    let mut ground = Ground::start().await;
    let world = World::embedded(Wishes::devices(DEVICES)).await;
    let site = ground.deploy("thousand", world).await;
    let world = &site.world;
    let mut request = world.with_service(&world.iccids(1..=DEVICES));
    request["addCustomerRatePlan"] = true.into();
    request["customerRatePlan"] = world.plan.into();
    let answer = world.post(&request).await;
    assert_eq!(answer.body["accepted"], DEVICES, "{}", answer.body);
    let id = answer.bulk_change();
    site.finished(&[id]).await;

    // What the API says,
    let status = world.get(&format!("/M2M/BulkChangeStatus/{id}")).await;
    assert_eq!(status.body["status"], "PROCESSED", "{}", status.body);
    let items = world.items(id).await;
    assert_eq!(items.len(), DEVICES);
    for item in items {
        let indicators = item["indicators"].as_object().unwrap();
        assert_eq!(indicators.len(), 7, "{item}");
        assert!(indicators.values().all(|it| *it == true), "{item}");
    }
    // what Rev.io holds and was asked for,
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(world.rev.lines().len(), DEVICES);
    let opened = world.rev.calls();
    let opened = opened.iter().filter(|it| it.call == Call::OpenLine);
    assert_eq!(opened.count(), DEVICES);
    // and what the tables say.
    let assignments = world.assignments(id).await;
    assert_eq!(assignments.len(), DEVICES);
    for (iccid, (account, service, plan)) in assignments {
        assert_eq!(
            (account.as_str(), service.is_some(), plan),
            (CUSTOMER, true, Some(world.plan)),
            "{iccid}"
        );
    }
    site.until("AMOP 2.0 was told", async || world.amop.told().len() == 1)
        .await;
    assert_eq!(site.messages(site.dead_letters_url()).await, 0);
    ground.end().await;
}
