//! Messages that cannot be worked on: what becomes of them, and of those that came with them.

use std::collections::HashMap;

use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry};
use end_to_end::{Wishes, World};
use queue::message::{BULK_CHANGE_ID, NOT_USED};
use serde_json::{Value, json};

use crate::{ground::Ground, site::Site};

/// Bulk changes of the other producer that share a batch with the poison, and devices of each.
const GOOD: usize = 8;
const DEVICES: usize = 3;

/// The template gives a message 20 tries, between which the consumer hides it for minutes or hours altogether. Here the first failure
/// is the last: everything else is as deployed.
async fn give_up_after_one_try(site: &Site) {
    let arn = QueueAttributeName::QueueArn;
    let answer = site.sqs.get_queue_attributes();
    let answer = answer
        .queue_url(site.dead_letters_url())
        .attribute_names(arn.clone());
    let dead_letters = answer.send().await.unwrap().attributes.unwrap()[&arn].clone();
    let policy = json!({"deadLetterTargetArn": dead_letters, "maxReceiveCount": 1});
    site.sqs
        .set_queue_attributes()
        .queue_url(site.queue_url())
        .attributes(QueueAttributeName::RedrivePolicy, policy.to_string())
        .send()
        .await
        .unwrap();
}

fn entry(n: usize, body: &str, bulk_change: Option<i64>) -> SendMessageBatchRequestEntry {
    let attributes = bulk_change.map(|id| {
        let id = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(id.to_string())
            .build()
            .unwrap();
        HashMap::from([(BULK_CHANGE_ID.to_owned(), id)])
    });
    SendMessageBatchRequestEntry::builder()
        .id(n.to_string())
        .message_body(body)
        .set_message_attributes(attributes)
        .build()
        .unwrap()
}

/// What `ops dead-letters --json` shows.
async fn given_up(site: &Site) -> Vec<Value> {
    let said = site.ops(&["dead-letters", "--json"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let shown: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(shown["unseen"], 0, "{shown}");
    shown["messages"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_given_up_alone_and_a_redrive_gets_its_work_done_once_the_cause_is_mended() {
    let mut ground = Ground::start().await;
    let world = World::embedded(Wishes::devices((GOOD + 1) * DEVICES)).await;
    let site = ground.deploy("poison", world).await;
    let world = &site.world;
    give_up_after_one_try(&site).await;

    // One batch of ten: eight that are good, one that nobody can read, and one that names a bulk change which is not written yet.
    let mut good = Vec::new();
    for n in 0..GOOD {
        let rows = world
            .foreign_rows(n * DEVICES + 1..=(n + 1) * DEVICES)
            .await;
        good.push(world.write_assignment(&rows).await);
    }
    let not_yet = good[GOOD - 1] + 1;
    let mut entries: Vec<_> = good
        .iter()
        .enumerate()
        .map(|(n, id)| entry(n, NOT_USED, Some(*id)))
        .collect();
    entries.insert(2, entry(8, "{\"Password\": \"fake-secret\"", None));
    entries.insert(5, entry(9, NOT_USED, Some(not_yet)));
    site.deliver(false).await;
    let sent = site.sqs.send_message_batch().queue_url(site.queue_url());
    let sent = sent.set_entries(Some(entries)).send().await.unwrap();
    assert_eq!(sent.successful().len(), 10, "{sent:?}");
    site.deliver(true).await;

    site.finished(&good).await;
    assert!(site.logged("processed 8 SQS messages from poison-queue (2 partial failures)"));
    for id in &good {
        assert!(world.assert_billed_once(*id).await.is_empty());
        assert_eq!(
            world.statuses(*id).await,
            [("PROCESSED".to_owned(), DEVICES)].into()
        );
    }
    assert_eq!(site.messages(site.dead_letters_url()).await, 2);

    // A person looks: what is named, and nothing of what was written into a message.
    let shown = given_up(&site).await;
    assert_eq!(shown.len(), 2, "{shown:?}");
    let find = |of: &dyn Fn(&Value) -> bool| shown.iter().find(|it| of(it)).unwrap().clone();
    let waiting = find(&|it| it["bulkChange"] == not_yet);
    let unreadable = find(&|it| it["unreadable"].is_string());
    assert!(!format!("{shown:?}").contains("fake-secret"), "{shown:?}");
    let waiting = waiting["messageId"].as_str().unwrap();
    let unreadable = unreadable["messageId"].as_str().unwrap();
    let told = site.ops(&["dead-letters"]).await;
    assert!(
        told.out.contains(waiting)
            && told
                .out
                .contains("unreadable: the body is not a chunk message"),
        "{told:?}"
    );

    // The cause is mended. Without --apply nothing is sent, and nothing stays hidden.
    let rows = (GOOD * DEVICES + 1..=(GOOD + 1) * DEVICES).collect::<Vec<_>>();
    let rows = world.foreign_rows(rows).await;
    assert_eq!(world.write_assignment(&rows).await, not_yet);
    let dry = site.ops(&["redrive", waiting]).await;
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert!(dry.out.contains("1 message would go back"), "{dry:?}");
    assert_eq!(given_up(&site).await.len(), 2);
    assert_eq!(site.messages(site.queue_url()).await, 0);
    let nobody = site
        .ops(&["redrive", "no-such-message", waiting, "--apply"])
        .await;
    assert_eq!(nobody.code, Some(3), "{nobody:?}");
    assert!(
        nobody
            .err
            .contains("no-such-message in the dead letter queue; nothing was sent")
    );

    let applied = site.ops(&["redrive", waiting, "--apply"]).await;
    assert_eq!(
        (applied.code, applied.out.as_str()),
        (Some(0), "Sent back 1 message.\n"),
        "{applied:?}"
    );
    site.finished(&[not_yet]).await;
    assert!(world.assert_billed_once(not_yet).await.is_empty());
    assert_eq!(
        world.statuses(not_yet).await,
        [("PROCESSED".to_owned(), DEVICES)].into()
    );
    let left = given_up(&site).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["messageId"], unreadable);

    // Nothing is mended about the other one: sent back, it is given up again.
    let all = site.ops(&["redrive", "--all", "--apply"]).await;
    assert_eq!(all.code, Some(0), "{all:?}");
    site.idle().await;
    let left = given_up(&site).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0]["unreadable"].is_string(), "{left:?}");
    ground.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_between_queues_that_do_not_belong_together_is_refused() {
    let mut ground = Ground::start().await;
    let world = World::embedded(Wishes::devices(1)).await;
    let site = ground.deploy("wrong", world).await;
    let ops = async |queue: &str, dead_letters: &str| {
        let queues = [
            ("QUEUE_URL", queue),
            ("DEAD_LETTER_QUEUE_URL", dead_letters),
        ];
        site.ops_with(&queues, &["redrive", "--all", "--apply"])
            .await
    };
    let swapped = ops(site.dead_letters_url(), site.queue_url()).await;
    assert_eq!(swapped.code, Some(1), "{swapped:?}");
    assert!(
        swapped.err.contains("go to no queue, not to"),
        "{swapped:?}"
    );
    let fifo = ops(
        &format!("{}.fifo", site.queue_url()),
        site.dead_letters_url(),
    )
    .await;
    assert_eq!(fifo.code, Some(1), "{fifo:?}");
    assert!(fifo.err.contains("is a FIFO queue"), "{fifo:?}");
    let missing = ops(&format!("{}-x", site.queue_url()), site.dead_letters_url()).await;
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(
        missing.err.contains("-x does not answer as it should"),
        "{missing:?}"
    );
    let unnamed = ops("", site.dead_letters_url()).await;
    assert_eq!(unnamed.code, Some(2), "{unnamed:?}");
    assert!(unnamed.err.contains("QUEUE_URL is not set"), "{unnamed:?}");
    ground.end().await;
}
