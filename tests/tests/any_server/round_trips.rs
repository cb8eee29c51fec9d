//! The number of round trips does not grow with the number of devices.

use end_to_end::{Wishes, World};

#[tokio::test(flavor = "multi_thread")]
async fn three_for_a_submit_four_for_a_chunk_and_six_for_a_bulk_change() {
    for devices in [1, 100, 2_000] {
        for service in [false, true] {
            let world = World::start(Wishes::devices(devices)).await;
            let iccids = world.iccids(1..=devices);
            let request = if service {
                world.with_service(&iccids)
            } else {
                world.with_plan(&iccids)
            };
            let before = world.round_trips();
            let id = world.post(&request).await.bulk_change();
            let submit = world.round_trips() - before;
            assert!(submit <= 3, "{submit} for a submit of {devices}");

            let before = world.round_trips();
            // One message at a time: where a machine is busy, call slots of a thousand calls at once would lapse.
            world.deliver(1, 1).await;
            let worked = world.round_trips() - before;
            let chunks = u64::try_from(devices.div_ceil(100)).unwrap();
            assert!(
                worked <= 4 * chunks + 6,
                "{worked} for {chunks} chunks, service {service}"
            );
            assert_eq!(
                world.statuses(id).await,
                [("PROCESSED".to_owned(), devices)].into()
            );
            assert_eq!(world.unfinished().await, 0);
        }
    }
}
