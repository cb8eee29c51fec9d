//! Drives the built binary against the database of an end to end world.
#![allow(dead_code, reason = "each test binary uses its own part of the module")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "what a test cannot make is a failed test"
)]

use end_to_end::World;
use local::rev::{Call, Fault, Rule};
use tokio::process::Command;

/// What the binary said.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// Fails the test unless it ended so and said this, on either stream.
    #[track_caller]
    pub fn says(&self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{self:?}");
        let said = format!("{}{}", self.out, self.err);
        assert!(said.contains(words), "`{words}` is not in {self:?}");
    }
}

/// Runs `ops` with arguments, the way a person does.
pub async fn ops(world: &World, arguments: &[&str]) -> Ended {
    with(
        &[("CENTRAL_CONNECTION_STRING", world.logins.ops.as_str())],
        arguments,
    )
    .await
}

/// Runs `ops` in an environment of these variables and `USER` alone.
pub async fn with(variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_ops"))
        .args(arguments)
        .env_clear()
        .env("USER", "tester")
        .envs(variables.iter().copied())
        .output()
        .await
        .unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A bulk change of two devices, of which the first is in review: nobody answered two calls, and Rev shows no line.
/// Answers the bulk change and the change.
pub async fn in_review(world: &World) -> (i64, i64) {
    let number = world.msisdn(1);
    world
        .rev
        .fault(Rule::always(Call::OpenLine, Fault::drop_before()).for_number(&number));
    let bulk = world.submit_with_service(1..=2).await;
    world.drain().await;
    world.rev.clear_faults();
    let reviews = world.assert_billed_once(bulk).await;
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    (bulk, reviews[0].id)
}

/// Everything that `ops` may write, as text: a run that writes nothing leaves it as it was.
pub async fn everything(world: &World) -> Vec<String> {
    let mut sql = world.sql().await;
    let mut all = Vec::new();
    for table in [
        "DeviceChangeWork",
        "BulkChangeWork",
        "M2M_DeviceChange",
        "DeviceBulkChange",
        "DeviceBulkChangeLog",
        "BulkChangeOutbox",
        "RevCallBudget",
        "RevAccountAction",
        "Device_Tenant",
        "RevService",
    ] {
        for row in sql.rows(&format!("SELECT * FROM dbo.{table}")).await {
            all.push(format!("{table} {row:?}"));
        }
    }
    assert!(all.len() > 10, "{all:?}");
    all
}

/// The billing account of the world's tenant.
pub async fn account(world: &World) -> String {
    let query = format!(
        "SELECT CAST(a.id AS bigint) FROM dbo.Integration_Authentication AS a WHERE a.TenantId = {}",
        world.tenant
    );
    world.sql().await.number(&query).await.to_string()
}
