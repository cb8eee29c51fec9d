//! Credentials that are changed while work goes on, at Rev.io and in their secret.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use device_bulk_change::RevLogins;
use end_to_end::{Wishes, World};
use futures::{FutureExt as _, future::BoxFuture};
use secrets::{ReadError, Reader};

const DEVICES: usize = 20;

/// A secret with the password that was good before, until it is changed.
#[derive(Default)]
struct Secret {
    changed: AtomicBool,
    readings: AtomicUsize,
}

impl Reader for Secret {
    fn read<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<String, ReadError>> {
        self.readings.fetch_add(1, Ordering::SeqCst);
        let password = if self.changed.load(Ordering::SeqCst) {
            "not-a-password-1"
        } else {
            "not-a-password-any-more"
        };
        let one = serde_json::json!({
            "clientCode": "fake-client-1", "user": "fake-user-1", "password": password,
        });
        // Whichever id the account of the world has.
        let all: serde_json::Map<_, _> = (1..=100)
            .map(|id: i32| (id.to_string(), one.clone()))
            .collect();
        async move { Ok(serde_json::Value::from(all).to_string()) }.boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_rev_takes_no_longer_are_read_again_and_nothing_fails() {
    let mut world = World::embedded(Wishes::devices(DEVICES)).await;
    let secret = Arc::new(Secret::default());
    let plain = Arc::into_inner(world.another_consumer().await).unwrap();
    let logins = RevLogins::new(Arc::clone(&secret) as Arc<dyn Reader>, "fake-secret-arn");
    world.consumer = Arc::new(plain.with_rev_logins(Some(logins)));

    let request = world.with_service(&world.iccids(1..=DEVICES));
    let id = world.post(&request).await.bulk_change();
    world.deliver(10, 2).await;
    assert_eq!(world.rev.lines().len(), 0, "Rev takes nothing of them");
    assert_eq!(secret.readings.load(Ordering::SeqCst), 1);

    // A refused secret is read again 5 s after the last reading, at the next probe of the account.
    secret.changed.store(true, Ordering::SeqCst);
    let mut probes = 0;
    while world.unfinished().await > 0 {
        probes += 1;
        assert!(probes <= 100, "not read again: {}", world.left_over().await);
        world.pass(Duration::from_mins(5));
        world.sweep().await;
        world.deliver(10, 2).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(secret.readings.load(Ordering::SeqCst) >= 2);
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), DEVICES)].into()
    );
    assert!(world.queue.dead_letters().is_empty());
}
