//! What a read of row by row does when its connection is lost between two rows.

use std::ops::ControlFlow;

use central::{
    Next,
    inventory::{SortBy, Wanted, all_devices},
    listing::{Direction, Sort},
};
use embedded_sql_server::faults::{Action, Trigger};

use crate::support::{Base, World};

const DEVICES: usize = 500;

#[tokio::test]
async fn an_export_that_is_cut_between_two_rows_is_an_error_and_not_begun_again() {
    let base = Base::embedded().await;
    let world = World::new(&base.sql).await;
    world.add_assignable(DEVICES).await;
    let by_iccid = Sort {
        by: SortBy::Iccid,
        direction: Direction::Ascending,
    };
    let export = async || {
        let mut given = Vec::new();
        let total = all_devices(
            &base.central,
            &world.actor(),
            &Wanted::default(),
            by_iccid,
            1000,
            |device| {
                given.push(device.id);
                ControlFlow::Continue(())
            },
        )
        .await;
        (total, given)
    };
    base.server().faults().add(
        Trigger::matching("how many devices a caller may see of those"),
        Action::DropMidway,
    );
    let before = base.central.round_trips();
    let (total, some) = export().await;
    // Begun again, it would hand the first devices on twice.
    assert_eq!(base.central.round_trips() - before, 1);
    assert_eq!(total.unwrap_err().next(), Next::Unknown);
    assert!((1..DEVICES).contains(&some.len()), "{}", some.len());
    let (total, all) = export().await;
    assert_eq!((total.unwrap(), all.len()), (500, DEVICES));
    assert_eq!(all[..some.len()], some);
}
