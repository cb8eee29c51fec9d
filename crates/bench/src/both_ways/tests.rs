//! What makes the comparison honest: both ways leave the same, and what is not the same is found.

use super::*;

/// More than one page, and a last one that is not full.
const DEVICES: usize = 5;
const PAGE: usize = 2;

fn threads<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// The old way over several pages; answers what it left, its statements and logins.
async fn old_in_pages(both: &mut BothWays, connecting: Connecting) -> (LeftBehind, [usize; 2]) {
    let id = both.of_the_old_system(DEVICES).await.unwrap();
    let asked = both.world.server().faults().statements();
    let mut old_way = OldWay::with_pages_of(PAGE, &both.world, connecting);
    old_way.process(id).await.unwrap();
    let asked = both.world.server().faults().statements() - asked;
    let counts = [old_way.statements(), old_way.logins()];
    assert_eq!(asked, counts[0] as u64, "as the server counts them");
    assert_eq!(
        old_way.pauses,
        Duration::from_secs(10),
        "between three pages"
    );
    let left = LeftBehind::read(&both.world, id, DEVICES).await;
    (left.unwrap(), counts)
}

#[test]
fn with_service_lines_both_ways_leave_the_same_rows_and_one_line_each() {
    threads(async {
        let mut both = BothWays::warm(Work::Lines).await.unwrap();
        let (each, counts) = old_in_pages(&mut both, Connecting::EachStatement).await;
        // Four a device, seven a page, where Rev is and the end.
        assert_eq!(counts, [4 * 5 + 7 * 3 + 2; 2]);
        let (once, counts) = old_in_pages(&mut both, Connecting::Once).await;
        assert_eq!(counts, [43, 1]);
        let asked = both.world.server().faults().statements();
        let ours = both.ours(DEVICES).await.unwrap();
        assert!(ours.round_trips as u64 <= both.world.server().faults().statements() - asked);
        once.same_as(&each).unwrap();
        ours.left.same_as(&each).unwrap();
        for kind in ["assignment", "change", "history", "line", "log", "snapshot"] {
            assert!(each.tells_of(kind), "nothing of {kind}: {each:#?}");
        }
        // Two of warming up.
        assert_eq!(both.world.rev.lines().len(), 2 + 3 * DEVICES);
    });
}

#[test]
fn with_a_plan_both_ways_leave_the_same_rows_and_no_line() {
    threads(async {
        let mut both = BothWays::warm(Work::Plan).await.unwrap();
        let (old, counts) = old_in_pages(&mut both, Connecting::Once).await;
        // Two a device, eight a page, and the end.
        assert_eq!(counts, [2 * 5 + 8 * 3 + 1, 1]);
        let ours = both.ours(DEVICES).await.unwrap();
        ours.left.same_as(&old).unwrap();
        assert!(!old.tells_of("line"));
        assert!(both.world.rev.calls().is_empty());
    });
}

#[test]
fn a_row_that_is_missing_more_or_different_is_found() {
    threads(async {
        let mut both = BothWays::warm(Work::Lines).await.unwrap();
        let id = both.of_the_old_system(DEVICES).await.unwrap();
        let mut old_way = OldWay::new(&both.world, Connecting::Once);
        old_way.process(id).await.unwrap();
        let read = async |devices| LeftBehind::read(&both.world, id, devices).await;
        let refused = async |devices| read(devices).await.unwrap_err().to_string();
        let right = read(DEVICES).await.unwrap();
        assert!(refused(DEVICES + 1).await.contains("has 5 changes, not 6"));
        both.world
            .put_line(&both.world.msisdn(3), time::Duration::ZERO);
        assert!(refused(DEVICES).await.contains("Rev holds"));
        let mut sql = both.world.sql().await;
        let changes = format!("FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = {id}");
        let one = format!("(SELECT MAX(m.DeviceId) {changes})");
        // Kinds are told in the order of the alphabet, so the last is spoiled first.
        for (kind, spoiled) in [
            (
                "snapshot",
                format!("DELETE FROM dbo.DeviceHistory WHERE DeviceId = {one}"),
            ),
            (
                "log",
                format!(
                    "INSERT INTO dbo.DeviceBulkChangeLog (BulkChangeId, M2MDeviceChangeId, LogEntryDescription, CreatedBy) \
                     SELECT {id}, MAX(m.id), N'more', N'test' {changes}"
                ),
            ),
            (
                "line",
                format!(
                    "UPDATE dbo.RevService SET Number = N'another' WHERE id = (SELECT t.RevServiceId FROM dbo.Device_Tenant AS t WHERE t.DeviceId = {one})"
                ),
            ),
            (
                "history",
                format!(
                    "UPDATE dbo.DeviceActionHistory SET CurrentValue = N'1' WHERE M2MDeviceId = {one}"
                ),
            ),
            (
                "change",
                format!(
                    "UPDATE dbo.M2M_DeviceChange SET IsProcessed = 0 WHERE DeviceId = {one} AND BulkChangeId = {id}"
                ),
            ),
            (
                "assignment",
                format!("UPDATE dbo.Device_Tenant SET SiteId = NULL WHERE DeviceId = {one}"),
            ),
        ] {
            sql.rows(&spoiled).await;
            let found = refused(DEVICES).await;
            assert!(
                found.contains(&format!("of 5 devices left {kind}")),
                "{kind}: {found}"
            );
        }
        let ours = both.ours(DEVICES).await.unwrap();
        right.same_as(&ours.left).unwrap();
    });
}
