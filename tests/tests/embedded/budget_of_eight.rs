//! Eight consumers, each with pools and tokens of its own, call Rev for one account, and every call is counted where it arrives.
//!
//! Minutes pass on the moved clock, with the shipped statements over TDS. One after the other: a second account beside it, a small
//! bulk change beside a big one, instances that die with call slots in hand, and somebody else who uses the account up.

use std::{sync::Arc, time::Duration};

use device_bulk_change::Consumer;
use end_to_end::{
    Wishes, World,
    running::{Hand, Running},
};
use local::rev::{self, Call, CallRecord, FAKE_ACCOUNTS, most_in_a_minute};
use serde_json::{Value, json};

const CONSUMERS: usize = 8;
const CALLS_PER_MINUTE: u32 = 475;
/// 475, and 10 that may come at once.
const MOST_IN_A_MINUTE: usize = 485;
/// Rev.io's own.
const LIMIT: usize = 500;
const SMALL: usize = 200;
const MINUTE: Duration = Duration::from_mins(1);
/// A small bulk change beside a big one takes at most so many times what it takes alone, as it gets half of the budget, ...
const TIMES: u32 = 2;
/// ... after the slots of the next 20 s, which are taken when it comes, and with one turn of 15 s in which it waits for its next slots.
const LATER: Duration = Duration::from_secs(35);

/// How long each part lasts.
fn part() -> Duration {
    if std::env::var("PROOF_LONG").as_deref() == Ok("1") {
        10 * MINUTE
    } else {
        Duration::from_secs(30)
    }
}

/// As Rev sees it.
struct Account {
    code: &'static str,
    name: &'static str,
}

/// That of the big bulk change and of the small one.
const OURS: Account = Account {
    code: FAKE_ACCOUNTS[0].0,
    name: "the account",
};
/// Of a tenant that has nothing to do with it.
const SECOND: Account = Account {
    code: FAKE_ACCOUNTS[1].0,
    name: "the second account",
};

impl Account {
    /// Every call that arrived, whoever made it.
    fn calls(&self, world: &World) -> Vec<CallRecord> {
        let mut calls = world.rev.calls();
        calls.retain(|call| call.account.as_deref() == Some(self.code));
        calls
    }
}

/// What the whole budget of so long a time is.
fn budget(time: Duration) -> f64 {
    f64::from(CALLS_PER_MINUTE) * time.as_secs_f64() / 60.0
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
fn share(calls: usize, time: Duration) -> f64 {
    calls as f64 / budget(time)
}

struct Eight {
    hand: Hand,
    world: Arc<World>,
    running: Running,
    consumers: Vec<Arc<Consumer>>,
}

impl Eight {
    async fn of(world: World, hand: Hand) -> Self {
        let mut consumers = Vec::new();
        for _ in 0..CONSUMERS {
            consumers.push(world.another_consumer().await);
        }
        let world = Arc::new(world);
        let running = Running::each(&world, &consumers);
        Self {
            hand,
            world,
            running,
            consumers,
        }
    }

    /// Lets time pass; answers the share of the budget that each of the accounts used in it.
    async fn used(&self, time: Duration) -> [f64; 2] {
        let before = [&OURS, &SECOND].map(|account| account.calls(&self.world).len());
        self.hand.pass(&self.world, time).await;
        let after = [&OURS, &SECOND].map(|account| account.calls(&self.world).len());
        let used = [0, 1].map(|place| share(after[place] - before[place], time));
        println!(
            "{time:?}: {:.1} % and {:.1} %",
            used[0] * 100.0,
            used[1] * 100.0
        );
        used
    }

    /// Until the small bulk change is done; answers how long that took.
    async fn small(&self, request: &Value) -> Duration {
        let id = self.world.post(request).await.bulk_change();
        let done = async || self.world.statuses(id).await.get("PROCESSED") == Some(&SMALL);
        self.hand.until(&self.world, 5 * MINUTE, done).await
    }

    /// Of every window of 60 seconds, wherever it begins.
    fn assert_windows(&self, account: &Account) {
        let most = most_in_a_minute(&account.calls(&self.world));
        assert!(
            most <= MOST_IN_A_MINUTE,
            "{}: {most} calls within 60 s",
            account.name
        );
    }
}

fn wishes(devices: usize) -> Wishes {
    Wishes {
        calls_per_minute: CALLS_PER_MINUTE,
        rev: rev::Options {
            limit_per_minute: Some(LIMIT),
            ..rev::Options::default()
        },
        ..Wishes::devices(devices)
    }
}

/// How long the small one takes when nobody else is there.
async fn alone() -> Duration {
    let hand = Hand::on_the_clocks();
    let world = World::embedded(wishes(SMALL)).await;
    let request = world.with_service(&world.iccids(1..=SMALL));
    Eight::of(world, hand).await.small(&request).await
}

/// Another program that calls for our account.
struct Another {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Another {
    async fn signed_in(world: &World) -> Self {
        let (code, user, password) = FAKE_ACCOUNTS[0];
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = world.rev.url();
        let credentials = json!({"client_code": code, "username": user, "password": password});
        let asked = http
            .post(format!("{url}/v1/auth/token"))
            .json(&credentials)
            .send();
        let answer: Value = asked.await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        Self { http, url, token }
    }

    /// Calls as fast as it can, until Rev turns it away. Answers how often it called.
    async fn uses_it_up(&self) -> usize {
        for calls in 1..=LIMIT {
            let customer = self
                .http
                .get(format!("{}/v1/customers/1001", self.url))
                .bearer_auth(&self.token);
            if customer.send().await.unwrap().status() == 429 {
                return calls;
            }
        }
        panic!("Rev turned nobody away");
    }
}

#[tokio::test(start_paused = true)]
async fn eight_consumers_keep_to_the_budget_of_each_account_and_use_it() {
    let alone = alone().await;
    let hand = Hand::on_the_clocks();
    // Both big ones go on until the end.
    let minutes = 4 + 2 * u32::try_from(part().as_secs()).unwrap() / 60;
    let devices = usize::try_from(minutes * CALLS_PER_MINUTE).unwrap();
    let mut world = World::embedded(wishes(devices)).await;
    for devices in world.iccids(1..=devices).chunks(10_000) {
        world.post(&world.with_service(devices)).await.bulk_change();
    }
    world.next_tenant(devices, 1).await;
    for devices in world.iccids(1..=devices).chunks(10_000) {
        world.post(&world.with_service(devices)).await.bulk_change();
    }
    world.next_tenant(SMALL, 0).await;
    let small = world.with_service(&world.iccids(1..=SMALL));
    let mut eight = Eight::of(world, hand).await;

    // All of it is used, of both.
    eight.used(Duration::from_secs(15)).await;
    let used = eight.used(part()).await;
    assert!(used.iter().all(|share| *share >= 0.95), "used: {used:?}");

    // A small one of another tenant, on the account of the big one.
    let beside = eight.small(&small).await;
    println!("the small one: {alone:?} alone, {beside:?} beside the big one");
    let longest = TIMES * alone + LATER;
    assert!(beside <= longest, "{beside:?}, and {alone:?} alone");

    // Three instances die with call slots in hand; others come in their place.
    for place in 0..3 {
        eight.running.one_dies();
        eight.running.join(&eight.world, &eight.consumers[place]);
        eight.used(Duration::from_secs(5)).await;
    }
    // The slots they had lapse, and nothing of the budget is lost for longer than slots are taken ahead.
    eight.used(Duration::from_secs(20)).await;
    let used = eight.used(part()).await;
    assert!(
        used.iter().all(|share| *share >= 0.95),
        "after deaths: {used:?}"
    );
    let ours = OURS.calls(&eight.world);
    assert!(
        ours.iter().all(|call| !call.over_limit),
        "a 429 that our own calls caused"
    );
    eight.assert_windows(&OURS);

    // Another program takes whatever room there is, second after second.
    let before = ours.len();
    let another = Another::signed_in(&eight.world).await;
    let mut theirs = 1;
    for _ in 0..5 {
        theirs += another.uses_it_up().await;
        eight.used(Duration::from_secs(1)).await;
    }
    let used = eight.used(Duration::from_secs(75)).await;
    let calls = OURS.calls(&eight.world);
    let turned_away = calls[before..].iter().filter(|call| call.over_limit);
    // Of each of its rounds the last one was.
    let told = turned_away.count() - 5;
    println!("{theirs} calls of somebody else, and {told} of ours were turned away");
    assert!(
        (1..=150).contains(&told),
        "{told} of our calls were turned away"
    );
    // After the pause it goes on by itself, and slower; the second account goes on as if nothing had happened.
    assert!((0.1..0.8).contains(&used[0]), "{used:?}");
    assert!(used[1] >= 0.95, "the second account: {used:?}");
    eight.assert_windows(&SECOND);

    let second = SECOND.calls(&eight.world);
    assert!(second.iter().all(|call| !call.over_limit));
    let lines = eight.world.rev.lines();
    let opened = calls.iter().chain(&second);
    let opened = opened.filter(|call| call.call == Call::OpenLine).count();
    println!("{opened} calls that open a line, {} lines", lines.len());
    let mut numbers: Vec<&str> = lines.iter().map(|line| line.number.as_str()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), lines.len(), "a device with two lines");
    assert!(eight.world.queue.dead_letters().is_empty());
    assert_eq!(eight.world.server().interrupted().asked_again(), [""; 0]);
}
