//! A queue in memory, for tests: it delivers like SQS and fails on demand.
//!
//! Its clock moves only when a test moves it, so delays and hidden messages need no waiting.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};

use crate::sending::{LONGEST_HIDING, Outgoing, Queue, QueueError, whole_seconds};

/// How long a received message stays hidden (the queue's visibility time-out of the deployment).
pub const VISIBILITY: Duration = Duration::from_mins(12);
/// After so many deliveries without deletion a message goes to the dead letters (`maxReceiveCount` of the template).
pub const MOST_RECEIVES: u32 = 20;

/// A tenant (message group) with so many messages in flight, and more than [`NOISY_SHARE`] of all, comes after the quiet ones ("How Amazon
/// SQS fair queues work", Amazon SQS Developer Guide, which calls the numbers approximate). SQS also looks at who takes the most of the
/// consumers' time, and may go on for a while when a tenant is quiet again; this queue does neither.
const NOISY: usize = 30;
/// One over the share.
const NOISY_SHARE: usize = 10;

/// A queue in memory. Clones are the same queue.
#[derive(Debug, Clone, Default)]
pub struct MemoryQueue {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    now: Duration,
    messages: Vec<Held>,
    dead: Vec<Outgoing>,
    sent: Vec<Outgoing>,
    requests: u64,
    numbers: u64,
    faults: Faults,
}

/// What goes wrong until a test says otherwise.
#[derive(Debug, Default)]
struct Faults {
    down: bool,
    lose: u32,
    copies: u32,
    refuse: Vec<usize>,
}

#[derive(Debug)]
struct Held {
    id: u64,
    message: Outgoing,
    visible_at: Duration,
    receives: u32,
    receipt: Option<String>,
}

/// The messages that somebody holds.
#[derive(Default)]
struct InFlight {
    all: usize,
    of: HashMap<String, usize>,
}

impl InFlight {
    fn add(&mut self, held: &Held) {
        self.all += 1;
        if let Some(group) = &held.message.group {
            *self.of.entry(group.clone()).or_default() += 1;
        }
    }

    /// How many of them are of a tenant that is noisy. A message without a group is a tenant by itself.
    fn noise(&self, held: &Held) -> Option<usize> {
        let own = *self.of.get(held.message.group.as_deref()?)?;
        (own >= NOISY && own * NOISY_SHARE > self.all).then_some(own)
    }
}

/// A message as the event source mapping hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `messageId`; the same for each delivery of one message.
    pub id: String,
    /// `receiptHandle` of this delivery.
    pub receipt: String,
    /// The text.
    pub body: String,
    /// The String attributes.
    pub attributes: HashMap<String, String>,
    /// `ApproximateReceiveCount`.
    pub receives: u32,
}

impl MemoryQueue {
    /// An empty queue that works.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere must not hide its own failure behind this one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every request fails from now on, and nothing is taken.
    pub fn go_down(&self) {
        self.state().faults.down = true;
    }

    /// Requests succeed again.
    pub fn come_back(&self) {
        self.state().faults.down = false;
    }

    /// Takes the next `count` messages and loses them.
    pub fn lose_next(&self, count: u32) {
        self.state().faults.lose = count;
    }

    /// Keeps so many extra copies of each message that is sent from now on.
    pub fn repeat(&self, copies: u32) {
        self.state().faults.copies = copies;
    }

    /// Refuses the messages at these places of the next send, and takes the others.
    pub fn refuse_next(&self, places: &[usize]) {
        self.state().faults.refuse = places.to_vec();
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.state().now += by;
    }

    /// Every message that was ever taken, the lost ones included, once each.
    #[must_use]
    pub fn sent(&self) -> Vec<Outgoing> {
        self.state().sent.clone()
    }

    /// How often anything was asked of the queue by those who send to it and hide messages of it, whatever came of it.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// Messages on the queue, hidden and delayed ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().messages.len()
    }

    /// Whether nothing is left on the queue.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state().messages.is_empty()
    }

    /// Messages that were delivered too often.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<Outgoing> {
        self.state().dead.clone()
    }

    /// How long until the next message can be received: zero when one is there, none when the queue is empty.
    #[must_use]
    pub fn next_due_in(&self) -> Option<Duration> {
        let state = self.state();
        let next = state.messages.iter().map(|held| held.visible_at).min()?;
        Some(next.saturating_sub(state.now))
    }

    /// Delivers up to `most` messages and hides them for [`VISIBILITY`]: of quiet tenants the oldest first, then of noisy ones, beginning
    /// with those that have the fewest in flight.
    #[must_use]
    pub fn receive(&self, most: usize) -> Vec<Delivery> {
        let mut state = self.state();
        state.bury();
        let now = state.now;
        let mut in_flight = InFlight::default();
        for held in &state.messages {
            if held.receipt.is_some() && held.visible_at > now {
                in_flight.add(held);
            }
        }
        let mut deliveries = Vec::new();
        while deliveries.len() < most
            && let Some(place) = state.next(&in_flight)
        {
            let held = &mut state.messages[place];
            in_flight.add(held);
            held.receives += 1;
            held.visible_at = now + VISIBILITY;
            let receipt = format!("{}-{}", held.id, held.receives);
            held.receipt = Some(receipt.clone());
            deliveries.push(Delivery {
                id: held.id.to_string(),
                receipt,
                body: held.message.body.clone(),
                attributes: held.message.attributes.iter().cloned().collect(),
                receives: held.receives,
            });
        }
        deliveries
    }

    /// Ends a message, as the event source mapping does after a success. An old receipt deletes nothing.
    pub fn delete(&self, receipt: &str) {
        self.state()
            .messages
            .retain(|held| held.receipt.as_deref() != Some(receipt));
    }
}

impl State {
    fn take(&mut self, place: usize, message: &Outgoing) -> Result<(), QueueError> {
        if self.faults.refuse.contains(&place) {
            return Err(QueueError::Refused {
                code: "InternalError".to_owned(),
                detail: "a test asked for this".to_owned(),
                sender_fault: false,
            });
        }
        self.sent.push(message.clone());
        if self.faults.lose > 0 {
            self.faults.lose -= 1;
            return Ok(());
        }
        for _ in 0..=self.faults.copies {
            self.numbers += 1;
            self.messages.push(Held {
                id: self.numbers,
                message: message.clone(),
                visible_at: self.now + message.delay,
                receives: 0,
                receipt: None,
            });
        }
        Ok(())
    }

    fn hide(&mut self, receipt: &str, hidden: Duration) -> Result<(), QueueError> {
        self.requests += 1;
        self.answers()?;
        let until = self.now + Duration::from_secs(whole_seconds(hidden, LONGEST_HIDING));
        let held = self
            .messages
            .iter_mut()
            .find(|held| held.receipt.as_deref() == Some(receipt));
        match held {
            Some(held) => {
                held.visible_at = until;
                Ok(())
            }
            None => Err(QueueError::request(
                "ReceiptHandleIsInvalid",
                "no delivered message has this receipt",
            )),
        }
    }

    /// The place of the message that is delivered next.
    fn next(&self, in_flight: &InFlight) -> Option<usize> {
        self.messages
            .iter()
            .enumerate()
            .filter(|(_, held)| held.visible_at <= self.now)
            .min_by_key(|(place, held)| (in_flight.noise(held), *place))
            .map(|(place, _)| place)
    }

    /// Moves what was delivered too often to the dead letters.
    fn bury(&mut self) {
        let (dead, alive) = std::mem::take(&mut self.messages)
            .into_iter()
            .partition(|held| held.receives >= MOST_RECEIVES && held.visible_at <= self.now);
        self.messages = alive;
        let dead: Vec<Held> = dead;
        self.dead.extend(dead.into_iter().map(|held| held.message));
    }

    fn answers(&self) -> Result<(), QueueError> {
        if self.faults.down {
            Err(QueueError::request("unreachable", "the queue is down"))
        } else {
            Ok(())
        }
    }
}

impl Queue for MemoryQueue {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Vec<Result<(), QueueError>>> {
        async move {
            fail::fail_point!("queue.send.before", |_| crate::faults::none_sent(messages));
            let results = {
                let mut state = self.state();
                state.requests += 1;
                let results = messages
                    .iter()
                    .enumerate()
                    .map(|(place, message)| {
                        state.answers()?;
                        state.take(place, message)
                    })
                    .collect();
                state.faults.refuse.clear();
                results
            };
            fail::fail_point!("queue.send.after", |_| crate::faults::none_sent(messages));
            results
        }
        .boxed()
    }

    fn change_visibility<'a>(
        &'a self,
        receipt: &'a str,
        hidden: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            fail::fail_point!("queue.hide.before", |_| Err(crate::faults::not_hidden()));
            let hidden = self.state().hide(receipt, hidden);
            fail::fail_point!("queue.hide.after", |_| Err(crate::faults::not_hidden()));
            hidden
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use association::ids::{BulkChangeId, TenantId};

    use super::*;
    use crate::message::ChunkMessage;

    fn chunks(tenant: i32, count: u32) -> Vec<Outgoing> {
        (0..count)
            .map(|chunk| {
                Outgoing::chunk(&ChunkMessage {
                    bulk_change: BulkChangeId::new(1).unwrap(),
                    chunk,
                    tenant: TenantId::new(tenant).unwrap(),
                })
            })
            .collect()
    }

    async fn send(queue: &MemoryQueue, tenant: i32, count: u32) {
        let sent = queue.send(&chunks(tenant, count)).await;
        assert!(sent.iter().all(Result::is_ok));
    }

    async fn filled(count: u32) -> MemoryQueue {
        let queue = MemoryQueue::new();
        send(&queue, 1, count).await;
        queue
    }

    /// How many of the next `most` messages are this tenant's.
    fn of(queue: &MemoryQueue, most: usize, tenant: i32) -> usize {
        let tenant = format!("\"tenantId\":{tenant}}}");
        let received = queue.receive(most);
        received
            .iter()
            .filter(|it| it.body.contains(&tenant))
            .count()
    }

    #[tokio::test]
    async fn a_quiet_tenant_s_messages_come_before_those_of_one_that_has_many_in_flight() {
        let queue = MemoryQueue::new();
        send(&queue, 1, 200).await;
        send(&queue, 2, 5).await;
        assert_eq!(of(&queue, 29, 1), 29, "the oldest come first");
        assert_eq!(of(&queue, 1, 1), 1);
        assert_eq!(of(&queue, 10, 2), 5, "30 are in flight: now it is noisy");
        // Of noisy ones the one with fewer in flight.
        send(&queue, 2, 100).await;
        assert_eq!(of(&queue, 30, 2), 30);
        assert_eq!(of(&queue, 10, 1), 5, "40 and 40 in flight");
        // What is no longer in flight makes no noise.
        queue.advance(VISIBILITY);
        assert_eq!(of(&queue, 20, 1), 20);
    }

    #[tokio::test]
    async fn a_message_is_delivered_until_it_is_deleted_and_then_never_again() {
        let queue = filled(1).await;
        let first = queue.receive(10);
        assert_eq!(first.len(), 1);
        assert_eq!(queue.receive(10), [], "hidden while somebody holds it");
        queue.advance(VISIBILITY);
        let second = queue.receive(10);
        assert_eq!((second[0].receives, &second[0].id), (2, &first[0].id));
        queue.delete(&first[0].receipt);
        assert_eq!(queue.len(), 1, "an old receipt deletes nothing");
        queue.delete(&second[0].receipt);
        assert!(queue.is_empty());
    }

    #[tokio::test]
    async fn a_delayed_message_comes_when_the_clock_reaches_it() {
        let queue = MemoryQueue::new();
        let delayed = chunks(1, 1).remove(0).after(Duration::from_secs(30));
        assert!(queue.send(&[delayed]).await[0].is_ok());
        assert_eq!(queue.receive(10), []);
        assert_eq!(queue.next_due_in(), Some(Duration::from_secs(30)));
        queue.advance(Duration::from_secs(30));
        assert_eq!(queue.receive(10).len(), 1);
    }

    #[tokio::test]
    async fn a_failed_message_comes_back_when_its_visibility_says() {
        let queue = filled(1).await;
        let receipt = queue.receive(1)[0].receipt.clone();
        queue
            .change_visibility(&receipt, Duration::from_secs(15))
            .await
            .unwrap();
        assert_eq!(queue.next_due_in(), Some(Duration::from_secs(15)));
        assert!(
            queue
                .change_visibility("stranger", Duration::ZERO)
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn after_twenty_deliveries_a_message_is_a_dead_letter() {
        let queue = filled(1).await;
        for _ in 0..MOST_RECEIVES {
            assert_eq!(queue.receive(1).len(), 1);
            queue.advance(VISIBILITY);
        }
        assert_eq!(queue.receive(1), []);
        assert_eq!(queue.dead_letters(), chunks(1, 1));
    }

    #[tokio::test]
    async fn faults_do_what_they_are_called() {
        let queue = MemoryQueue::new();
        queue.go_down();
        assert!(queue.send(&chunks(1, 2)).await.iter().all(Result::is_err));
        queue.come_back();
        queue.lose_next(1);
        assert!(queue.send(&chunks(1, 2)).await.iter().all(Result::is_ok));
        assert_eq!((queue.len(), queue.sent().len()), (1, 2));
        queue.repeat(2);
        queue.refuse_next(&[0]);
        let results = queue.send(&chunks(1, 2)).await;
        assert!(results[0].is_err() && results[1].is_ok());
        assert_eq!(queue.len(), 4);
    }
}
