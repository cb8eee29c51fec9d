//! Messages that come again.

use std::time::Duration;

use end_to_end::{Wishes, World};
use queue::{
    ChunkMessage, Outgoing, Queue,
    message::{BULK_CHANGE_ID, NOT_USED},
};

use crate::{ground::Ground, site::Site};

/// Every message of ours that was sent so far, as the outbox keeps them.
async fn sent(site: &Site) -> Vec<Outgoing> {
    let rows =
        "SELECT Payload FROM dbo.BulkChangeOutbox WHERE SentAt IS NOT NULL AND Kind = 'chunk'";
    let rows = site.world.sql().await.rows(rows).await;
    rows.iter()
        .map(|row| {
            let payload = row.get::<&str, _>(0).unwrap();
            Outgoing::chunk(&ChunkMessage::from_payload(payload).unwrap())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_come_again_after_all_is_done_change_nothing() {
    let mut ground = Ground::start().await;
    let world = World::embedded(Wishes::devices(260)).await;
    let site = ground.deploy("again", world).await;
    let world = &site.world;
    let request = world.with_service(&world.iccids(1..=250));
    let ours = world.post(&request).await.bulk_change();
    let rows = world.foreign_rows(251..=260).await;
    let theirs = world.write_assignment(&rows).await;
    let announced = Outgoing {
        body: NOT_USED.to_owned(),
        attributes: vec![(BULK_CHANGE_ID.to_owned(), theirs.to_string())],
        group: None,
        delay: Duration::ZERO,
    };
    let queue = site.queue();
    for result in queue.send(std::slice::from_ref(&announced)).await {
        result.unwrap();
    }
    site.finished(&[ours, theirs]).await;
    site.until("AMOP 2.0 was told", async || world.amop.told().len() == 2)
        .await;
    site.idle().await;

    let mut messages = sent(&site).await;
    assert!(messages.len() >= 4, "three chunks, and one: {messages:?}");
    messages.push(announced);
    let (rows, calls) = (site.rows().await, world.rev.calls().len());
    for _ in 0..2 {
        for result in queue.send(&messages).await {
            result.unwrap();
        }
    }
    site.idle().await;
    assert_eq!(site.messages(site.dead_letters_url()).await, 0);
    assert_eq!(site.rows().await, rows);
    assert_eq!(world.rev.calls().len(), calls);
    assert_eq!(world.amop.told().len(), 2);
    for id in [ours, theirs] {
        assert!(world.assert_billed_once(id).await.is_empty());
    }
    ground.end().await;
}
