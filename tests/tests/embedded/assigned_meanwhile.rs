//! A device that another customer gets while its change is worked on: it stays with them, and the change says so.

use std::time::Duration;

use end_to_end::{Wishes, World, printed::Printed, world::OTHER_CUSTOMER};
use local::rev::{Call, Fault, Rule};

async fn another_customer_gets(world: &World, n: usize) {
    let iccid = world.iccid(n);
    world
        .sql()
        .await
        .query(
            "INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, CreatedBy) SELECT d.id, @P1, @P2, N'test' FROM dbo.Device AS d WHERE d.ICCID = @P3",
            &[&world.tenant, &OTHER_CUSTOMER, &iccid.as_str()],
        )
        .await;
}

/// Works on what can be received. While Rev holds its answer to the call for one device back, the other customer gets a device.
async fn meanwhile(world: &World, call: Call, held: usize, taken: usize) {
    let of = world.msisdn(held);
    world
        .rev
        .fault(Rule::once(call, Fault::hold()).for_number(&of));
    let is_called = || {
        let calls = world.rev.calls();
        calls.iter().any(|it| it.call == call && it.subject == of)
    };
    assert!(!is_called());
    let taking = async {
        while !is_called() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        another_customer_gets(world, taken).await;
        world.rev.let_go();
    };
    let working = async {
        world.deliver(10, 1).await;
        assert!(is_called(), "no {call:?} for {of}");
    };
    tokio::join!(working, taking);
}

/// How many devices were counted as failed, and as for a person.
fn counted(printed: &Printed) -> (u64, u64) {
    let sum = |name: &str| {
        let lines = printed.measured();
        lines.iter().filter_map(|line| line[name].as_u64()).sum()
    };
    (sum("DevicesFailed"), sum("DevicesInReview"))
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_open_line_a_person_decides_and_the_device_stays_where_it_is() {
    let printed = Printed::everything("info");
    let world = World::embedded(Wishes::devices(2)).await;
    let id = world.submit_with_service(1..=2).await;
    meanwhile(&world, Call::OpenLine, 1, 1).await;
    assert_eq!(
        world.rev.called(Call::Lines),
        0,
        "the answer was waited for"
    );
    world.drain().await;
    let reviews = world.assert_billed_once(id).await;
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    assert_eq!(reviews[0].iccid, world.iccid(1));
    let line = world
        .rev
        .lines()
        .into_iter()
        .find(|line| line.number == world.msisdn(1))
        .unwrap();
    assert_eq!(
        reviews[0].details,
        format!(
            "assigned-to-other-customer: service line {} is open at Rev, but the device was assigned to another customer since the request",
            line.id
        )
    );
    let assignments = world.assignments(id).await;
    assert_eq!(assignments[&world.iccid(1)].0, OTHER_CUSTOMER);
    assert_eq!(assignments[&world.iccid(2)].0, "1001");
    assert_eq!(counted(&printed), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_line_the_change_fails_and_the_device_stays_where_it_is() {
    let printed = Printed::everything("info");
    let world = World::embedded(Wishes::devices(3)).await;
    // Two rows of one claim: one is looked up at Rev, the other one is to be assigned without a line.
    let mut rows = world.foreign_rows([1, 3]).await;
    let mut without: serde_json::Value = serde_json::from_str(&rows[1].text).unwrap();
    without["CreateRevService"] = false.into();
    rows[1].text = without.to_string();
    let id = world.write_assignment(&rows).await;
    world.announce(id).await;
    // Rev keeps the bulk change waiting until both rows are due.
    let wait = Fault::throttled(Some("120"));
    world.rev.fault(Rule::once(Call::Customer, wait));
    world.deliver(10, 1).await;
    world.pass(Duration::from_mins(3));
    world.sweep().await;
    meanwhile(&world, Call::Lines, 1, 3).await;
    world.drain().await;
    let changes = world.changes(id).await;
    let refused = changes
        .iter()
        .find(|change| change.iccid == world.iccid(3))
        .unwrap();
    assert_eq!(
        (refused.status.as_str(), refused.details.as_str()),
        (
            "ERROR",
            "assigned-to-other-customer: the device was assigned to another customer since the request"
        )
    );
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(world.rev.lines().len(), 1, "the other row got its line");
    let assignments = world.assignments(id).await;
    assert_eq!(assignments[&world.iccid(3)].0, OTHER_CUSTOMER);
    assert_eq!(assignments[&world.iccid(1)].0, "1001");
    assert_eq!(counted(&printed), (1, 0));
}
