//! What the intake writes.

use std::sync::Arc;

use central::{
    outbox::{mark_failed, mark_sent},
    submit::Key,
};

use super::{cases::Cases, stage::call};
use crate::support::{
    Base, World,
    submission::{accept, plan, submit_plan},
};

pub async fn submit() -> Cases {
    let base = Base::embedded().await;
    let world = World::new(&base.sql).await;
    let request = world.request(world.add_assignable(3).await);
    let planned = Arc::new(plan(&base.central, &world, &request).await);
    let key = Key {
        hash: [1; 32],
        fingerprint: [2; 32],
    };
    let call = call(move |central| {
        let (world, request, planned) = (world.clone(), request.clone(), Arc::clone(&planned));
        async move { submit_plan(&central, &world, &request, &planned, Some(key)).await }
    });
    Cases::one(base, call)
}

/// A message that is not sent.
async fn unsent() -> (Base, i64) {
    let base = Base::embedded().await;
    let world = World::new(&base.sql).await;
    let request = world.request(world.add_assignable(1).await);
    let (_, outbox) = accept(&base.central, &world, &request).await;
    (base, outbox[0].id)
}

pub async fn outbox_sent() -> Cases {
    let (base, id) = unsent().await;
    let call = call(move |central| async move { mark_sent(&central, &[id]).await });
    Cases::one(base, call)
}

pub async fn outbox_failed() -> Cases {
    let (base, id) = unsent().await;
    let call = call(move |central| async move {
        mark_failed(&central, &[(id, "the queue is away".to_owned())]).await
    });
    Cases::one(base, call)
}
