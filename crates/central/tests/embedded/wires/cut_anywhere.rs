//! An answer is cut at whatever byte: a part of it is never taken for the whole.

use std::ops::ControlFlow;

use central::{
    Next,
    inventory::{SortBy, Wanted, all_devices},
    listing::{Direction, Sort},
};
use embedded_sql_server::faults::{Action, Trigger};

use super::{
    cases,
    listed::{Repeat, statements},
    stage::assert_same,
};
use crate::support::{Base, World};

/// A step that has nothing in common with the length of a token; each byte in the long form.
fn step() -> usize {
    if std::env::var("PROOF_LONG").as_deref() == Ok("1") {
        1
    } else {
        29
    }
}

/// The transactions, because they are not sent again by themselves: what the cut leaves is what the caller sees.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_transaction_a_part_of_the_answer_is_an_unknown_outcome() {
    let mut places = 0;
    for listed in statements() {
        if listed.repeat == Repeat::Whole {
            continue;
        }
        let laid = cases::lay(std::slice::from_ref(&listed)).await;
        let (base, call) = (&laid.base, &laid.calls[0]);
        let database = base.server().database();
        database.clock().freeze();
        let start = database.snapshot().unwrap();
        let whole = call(base.central.clone()).await.unwrap();
        let after = database.tables().unwrap();
        let cut = async |bytes| {
            database.restore(&start).unwrap();
            base.server().faults().add(
                Trigger::matching(&listed.marker),
                Action::DropWithin { bytes },
            );
            // A pool of its own: whether the end of a connection is seen at once is another matter.
            let seen = call(base.another().await).await;
            let left = database.tables().unwrap();
            assert_same(&left, &after, &format!("{} cut at {bytes}", listed.name));
            match seen {
                Ok(answer) => {
                    assert_eq!(answer, whole, "{} cut at {bytes}", listed.name);
                    true
                }
                Err(error) => {
                    assert_eq!(error.next(), Next::Unknown, "{} {bytes}", listed.name);
                    false
                }
            }
        };
        let mut bytes = 0;
        while !cut(bytes).await {
            places += 1;
            bytes += step();
        }
        // Back to the last byte that is missed.
        while cut(bytes - 1).await {
            bytes -= 1;
            places += 1;
        }
        assert!(bytes > 20, "{} answers {bytes} bytes", listed.name);
        assert_eq!(base.server().interrupted().asked_again(), [""; 0]);
    }
    println!("{places} places");
    assert!(places > 150, "{places} places");
}

const DEVICES: usize = 500;

/// Rows that arrived are handed on, so nothing is begun again; how many there are is never said before all have come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_export_no_beginning_passes_for_the_whole() {
    let base = Base::embedded().await;
    let world = World::new(&base.sql).await;
    world.add_assignable(DEVICES).await;
    let sort = Sort {
        by: SortBy::Iccid,
        direction: Direction::Ascending,
    };
    let packet = 4096;
    let (mut places, mut begun_again) = (0, 0);
    for bytes in (1..)
        .step_by(7)
        .flat_map(|n| [n * packet - 1, n * packet, n * packet + 9])
    {
        base.server().faults().add(
            Trigger::matching("how many devices a caller may see of those"),
            Action::DropWithin { bytes },
        );
        let mut given = 0;
        let take = |_| {
            given += 1;
            ControlFlow::Continue(())
        };
        let central = base.another().await;
        let exported = all_devices(
            &central,
            &world.actor(),
            &Wanted::default(),
            sort,
            1000,
            take,
        )
        .await;
        match exported {
            Ok(total) => {
                assert_eq!((total, given), (500, DEVICES), "cut at {bytes}");
                if central.round_trips() == 1 {
                    break;
                }
                // No row had come, so it was begun again.
                begun_again += 1;
            }
            Err(error) => assert_eq!(error.next(), Next::Unknown, "cut at {bytes}"),
        }
        places += 1;
    }
    println!("{places} places, {begun_again} of them before the first row");
    assert!(places > 10 && begun_again < 3, "{places}, {begun_again}");
    assert_eq!(base.server().interrupted().asked_again(), [""; 0]);
}
