//! Two stacks in one account, each with a database of its own.

use end_to_end::{Wishes, World};

use crate::ground::Ground;

#[tokio::test(flavor = "multi_thread")]
async fn two_stacks_side_by_side_do_not_touch_each_other() {
    let mut ground = Ground::start().await;
    // Their rows have the same ids: a message that went to the wrong one would find work there.
    let left = World::embedded(Wishes::devices(150)).await;
    let right = World::embedded(Wishes::devices(150)).await;
    assert_eq!(left.iccids(1..=150), right.iccids(1..=150));
    let left = ground.deploy("left", left).await;
    let right = ground.deploy("right", right).await;
    for (name, value) in &left.outputs.0 {
        assert_ne!(value, right.outputs.get(name).unwrap(), "{name}");
    }

    // Whoever may everything in one has no business in the other.
    let refused = right
        .world
        .http()
        .get(right.world.url("/api/customers/1001/sites"))
        .bearer_auth(left.world.token())
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 401);

    let untouched = right.rows().await;
    let request = left.world.with_service(&left.world.iccids(1..=110));
    let of_left = left.world.post(&request).await.bulk_change();
    left.finished(&[of_left]).await;
    assert_eq!(right.rows().await, untouched);
    assert!(right.world.rev.calls().is_empty());
    assert!(right.world.amop.told().is_empty());

    let (rows, calls) = (left.rows().await, left.world.rev.calls().len());
    let request = right.world.with_service(&right.world.iccids(1..=150));
    let of_right = right.world.post(&request).await.bulk_change();
    right.finished(&[of_right]).await;
    assert_eq!(of_right, of_left, "the same id in the other database");
    assert_eq!(left.rows().await, rows);
    assert_eq!(left.world.rev.calls().len(), calls);

    for (site, id, devices) in [(&left, of_left, 110), (&right, of_right, 150)] {
        assert!(site.world.assert_billed_once(id).await.is_empty());
        assert_eq!(
            site.world.statuses(id).await,
            [("PROCESSED".to_owned(), devices)].into()
        );
        assert_eq!(site.world.rev.lines().len(), devices);
        assert_eq!(site.messages(site.dead_letters_url()).await, 0);
    }
    ground.end().await;
}
