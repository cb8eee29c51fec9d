//! What a bulk change leaves behind, from outside: the rows of each device, and the lines at Rev. Two ways that leave the same can be
//! compared; if they do not, their times say nothing.

use std::collections::HashMap;

use anyhow::{Context as _, ensure};
use end_to_end::World;

/// What every device of a bulk change left, and the bulk change itself: ids and numbers of single devices are told as what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftBehind {
    bulk_change: String,
    of_each_device: Vec<String>,
}

impl LeftBehind {
    /// Reads it. An error when not all devices left the same, or Rev does not hold exactly the line that the tables name for each.
    pub(crate) async fn read(
        world: &World,
        bulk_change: i64,
        devices: usize,
    ) -> anyhow::Result<Self> {
        let mut sql = world.sql().await;
        let statement = include_str!("left_behind/bulk_change.sql");
        let rows = sql.query(statement, &[&bulk_change]).await;
        let row = rows.first().context("no such bulk change")?;
        let changes: i64 = row.get("Changes").context("no count")?;
        ensure!(
            usize::try_from(changes)? == devices,
            "bulk change {bulk_change} has {changes} changes, not {devices}"
        );
        let said: &str = row.get("Said").context("no status")?;
        let said = said.to_owned();
        let statement = include_str!("left_behind/rows.sql");
        let mut of_each_device = Vec::new();
        for row in sql.query(statement, &[&bulk_change]).await {
            let kind: &str = row.get("Kind").context("no kind")?;
            let said: &str = row.get("Said").context("nothing said")?;
            let times: i64 = row.get("Times").context("no count")?;
            let by: i64 = row.get("Devices").context("no count")?;
            let line = format!("{kind}, {times} times: {said}");
            ensure!(
                usize::try_from(by)? == devices,
                "{by} of {devices} devices left {line}"
            );
            of_each_device.push(line);
        }
        billed_once(world, bulk_change).await?;
        Ok(Self {
            bulk_change: said,
            of_each_device,
        })
    }

    /// An error that names what one left and the other did not.
    pub(crate) fn same_as(&self, other: &Self) -> anyhow::Result<()> {
        let only = |one: &Self, than: &Self| -> Vec<String> {
            let of_both = |line: &&String| !than.of_each_device.contains(line);
            one.of_each_device.iter().filter(of_both).cloned().collect()
        };
        ensure!(
            self == other,
            "the ways leave different rows; the one: {} {:#?}; the other: {} {:#?}",
            self.bulk_change,
            only(self, other),
            other.bulk_change,
            only(other, self),
        );
        Ok(())
    }

    /// Whether anything is said of this kind.
    #[cfg(test)]
    pub(crate) fn tells_of(&self, kind: &str) -> bool {
        self.of_each_device
            .iter()
            .any(|line| line.starts_with(kind))
    }
}

/// Rev holds for the number of each device exactly the line that the tables name, or none where they name none.
async fn billed_once(world: &World, bulk_change: i64) -> anyhow::Result<()> {
    let mut held: HashMap<String, Vec<(i64, i64, String)>> = HashMap::new();
    for line in world.rev.lines() {
        let told = (line.id, line.customer_id, line.status);
        held.entry(line.number).or_default().push(told);
    }
    let customer: i64 = end_to_end::world::CUSTOMER.parse()?;
    let statement = include_str!("left_behind/lines.sql");
    for row in world.sql().await.query(statement, &[&bulk_change]).await {
        let number: &str = row.get("Number").context("no number")?;
        let named: Vec<(i64, i64, String)> = row
            .get::<i64, _>("Line")
            .map(|line| (line, customer, "ACTIVE".to_owned()))
            .into_iter()
            .collect();
        let held = held.remove(number).unwrap_or_default();
        ensure!(
            held == named,
            "Rev holds {held:?} for a device, and the tables name {named:?}"
        );
    }
    Ok(())
}
