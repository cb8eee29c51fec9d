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
            assert_eq!(submit, 3, "for a submit of {devices}, service {service}");

            let before = world.round_trips();
            // One message at a time: where a machine is busy, call slots of a thousand calls at once would lapse.
            world.deliver(1, 1).await;
            let worked = world.round_trips() - before;
            let chunks = u64::try_from(devices.div_ceil(100)).unwrap();
            // A claim, the write and, with calls, the facts for each chunk; the end. With calls also the preflight, the rest of the
            // chunks offered after it, and a claim more where a chunk's call slots lapsed on a busy machine.
            let expected = if service {
                4 * chunks + 4..=4 * chunks + 6
            } else {
                3 * chunks + 1..=3 * chunks + 1
            };
            assert!(
                expected.contains(&worked),
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
