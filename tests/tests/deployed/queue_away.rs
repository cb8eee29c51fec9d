//! A queue that is not there at submit.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use end_to_end::{Wishes, World};

use crate::{ground::Ground, site::Site};

/// The queue's attributes as the template sets them.
async fn attributes(site: &Site) -> HashMap<QueueAttributeName, String> {
    let settable = [
        QueueAttributeName::VisibilityTimeout,
        QueueAttributeName::RedrivePolicy,
        QueueAttributeName::MessageRetentionPeriod,
    ];
    let answer = site.sqs.get_queue_attributes().queue_url(site.queue_url());
    let answer = answer.set_attribute_names(Some(settable.to_vec()));
    answer.send().await.unwrap().attributes.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_while_the_queue_is_away_is_accepted_and_a_sweep_sends_it_later() {
    let mut ground = Ground::start().await;
    let world = World::embedded(Wishes::devices(120)).await;
    let site = ground.deploy("away", world).await;
    let world = &site.world;
    let attributes = attributes(&site).await;
    let deleted = site.sqs.delete_queue().queue_url(site.queue_url()).send();
    deleted.await.unwrap();

    let request = world.with_service(&world.iccids(1..=120));
    let id = world.post(&request).await.bulk_change();
    let unsent = "SELECT COUNT_BIG(*) FROM dbo.BulkChangeOutbox WHERE SentAt IS NULL";
    assert!(world.sql().await.number(unsent).await > 0);
    assert!(world.rev.calls().is_empty());

    let created = site.sqs.create_queue().queue_name("away-queue");
    let created = created.set_attributes(Some(attributes)).send();
    let created = created.await.unwrap();
    let address = created.queue_url().unwrap();
    assert!(address.ends_with("/away-queue"), "{address}");
    // What could not be sent is tried again after a while, so one sweep may come too early.
    site.until("a sweep sent it", async || {
        site.sweep().await;
        world.sql().await.number(unsent).await == 0
    })
    .await;
    site.finished(&[id]).await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 120)].into()
    );
    ground.end().await;
}
