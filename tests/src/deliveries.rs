//! Delivers messages as an event source mapping does: batches, failures kept, several at once.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures::future::join_all;
use queue::memory::Delivery;
use serde_json::{Value, json};

use crate::World;

/// How long one call of the function may take; the template's time-out.
const FUNCTION_TIMEOUT: Duration = Duration::from_mins(2);

/// A batch as Lambda is called with.
#[must_use]
pub fn event(deliveries: &[Delivery]) -> Value {
    let records: Vec<Value> = deliveries
        .iter()
        .map(|delivery| {
            let attributes: HashMap<&String, Value> = delivery
                .attributes
                .iter()
                .map(|(name, value)| (name, json!({"stringValue": value, "dataType": "String", "stringListValues": [], "binaryListValues": []})))
                .collect();
            json!({
                "messageId": delivery.id, "receiptHandle": delivery.receipt, "body": delivery.body, "md5OfBody": "",
                "attributes": {"ApproximateReceiveCount": delivery.receives.to_string()},
                "messageAttributes": attributes, "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:device-bulk-change-queue", "awsRegion": "us-east-1",
            })
        })
        .collect();
    json!({ "Records": records })
}

impl World {
    /// Delivers everything that can be received now, in batches of `batch`, `side_by_side` of them at a time.
    /// Returns how many messages were delivered.
    pub async fn deliver(&self, batch: usize, side_by_side: usize) -> usize {
        let mut delivered = 0;
        loop {
            let batches: Vec<Vec<Delivery>> = (0..side_by_side)
                .map(|_| self.queue.receive(batch))
                .filter(|deliveries| !deliveries.is_empty())
                .collect();
            if batches.is_empty() {
                return delivered;
            }
            delivered += batches.iter().map(Vec::len).sum::<usize>();
            join_all(
                batches
                    .iter()
                    .map(|deliveries| self.deliver_batch(deliveries)),
            )
            .await;
        }
    }

    async fn deliver_batch(&self, deliveries: &[Delivery]) {
        let answer = self.call(event(deliveries)).await;
        let failed: Vec<&str> = answer["batchItemFailures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|failure| failure["itemIdentifier"].as_str().unwrap())
            .collect();
        for delivery in deliveries
            .iter()
            .filter(|delivery| !failed.contains(&delivery.id.as_str()))
        {
            self.queue.delete(&delivery.receipt);
        }
    }

    /// Calls the consumer with an event.
    pub async fn call(&self, event: Value) -> Value {
        device_bulk_change::handle(&self.consumer, event, Instant::now() + FUNCTION_TIMEOUT)
            .await
            .unwrap()
    }

    /// The scheduled call.
    pub async fn sweep(&self) -> Value {
        self.call(json!({"source": "aws.events", "detail-type": "Scheduled Event"}))
            .await
    }

    /// Delivers, lets half a minute pass and sweeps, until every bulk change is finished and told of.
    pub async fn drain(&self) {
        self.drain_with(10, 2).await;
    }

    /// The same with other batches.
    pub async fn drain_with(&self, batch: usize, side_by_side: usize) {
        for _ in 0..120 {
            self.deliver(batch, side_by_side).await;
            if self.unfinished().await == 0 {
                return;
            }
            self.pass(Duration::from_secs(30));
            self.sweep().await;
        }
        panic!(
            "after an hour on the moved clock {} bulk changes are not finished: {}",
            self.unfinished().await,
            self.left_over().await
        );
    }
}
