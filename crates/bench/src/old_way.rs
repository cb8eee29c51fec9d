//! The old way, plainly: one device after the other, a statement for each step, pages of 100.
//!
//! It is a rendering of what the old function did, not its code, and one that favours it wherever there was a choice: one call to Rev
//! for a line (it made one more for each product), four statements a device with a line (its cheapest form; seven with one product),
//! nothing tried again, no message sent between pages, no column read that is not needed. What it did without and this system leaves
//! behind (history, log of the assignment) travels in statements that it made anyway, so that both ways leave the same rows.

mod connections;
mod rev;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use end_to_end::World;
use serde_json::{Value, json};

pub(crate) use connections::Connecting;
use connections::Connections;
use rev::Account;

/// Changes of a page.
pub(crate) const PAGE: usize = 100;
/// How long the message for the next page waits in the queue.
const BETWEEN_PAGES: Duration = Duration::from_secs(5);

const REV_API: &str = "Create Rev.io Service: Rev.io API";
const UPDATE_AMOP: &str = "Create Rev.io Service: Update AMOP";
const RATE_PLAN: &str = "AMOP Customer Rate Plan Assignment";

/// The old function at work on a world.
pub(crate) struct OldWay<'a> {
    world: &'a World,
    connections: Connections<'a>,
    page: usize,
    account: Option<Account>,
    /// What it would have waited between pages: counted, never waited.
    pub(crate) pauses: Duration,
}

/// Whose bulk change it is.
struct BulkChange {
    id: i64,
    tenant: i32,
    provider: i32,
    actor: String,
}

/// One device of a page.
struct Change {
    id: i64,
    device: i32,
    stored: Value,
}

impl Change {
    fn number(&self, name: &str) -> anyhow::Result<i32> {
        let value = &self.stored[name];
        let found = value.as_i64().or_else(|| value.as_str()?.parse().ok());
        let found = found.with_context(|| format!("{name} is {value}"))?;
        Ok(found.try_into()?)
    }

    fn text(&self, name: &str) -> anyhow::Result<&str> {
        let value = &self.stored[name];
        value.as_str().with_context(|| format!("{name} is {value}"))
    }
}

impl<'a> OldWay<'a> {
    pub(crate) fn new(world: &'a World, connecting: Connecting) -> Self {
        Self::with_pages_of(PAGE, world, connecting)
    }

    /// The same with other pages, for tests.
    pub(crate) fn with_pages_of(page: usize, world: &'a World, connecting: Connecting) -> Self {
        Self {
            world,
            connections: Connections::new(world.connection_string(), connecting),
            page,
            account: None,
            pauses: Duration::ZERO,
        }
    }

    /// Statements so far.
    pub(crate) fn statements(&self) -> usize {
        self.connections.statements
    }

    /// Logins so far.
    pub(crate) fn logins(&self) -> usize {
        self.connections.logins
    }

    /// Page after page, until the bulk change is processed.
    pub(crate) async fn process(&mut self, bulk_change: i64) -> anyhow::Result<()> {
        while self.page(bulk_change).await? {
            self.pauses += BETWEEN_PAGES;
        }
        Ok(())
    }

    /// One call of the function. Answers whether there is another page.
    async fn page(&mut self, id: i64) -> anyhow::Result<bool> {
        let bulk = self.bulk_change(id).await?;
        let (opens_lines, changes) = self.changes(id).await?;
        ensure!(!changes.is_empty(), "bulk change {id} has no page");
        if opens_lines {
            for change in &changes {
                self.with_a_line(&bulk, change).await?;
            }
        } else {
            self.assign(&bulk, &changes).await?;
            for change in &changes {
                self.with_a_plan(&bulk, change).await?;
            }
        }
        self.history(&bulk, &changes).await?;
        let sql = self.connections.for_statement().await;
        sql.rows(include_str!("old_way/links.sql")).await;
        let sql = self.connections.for_statement().await;
        let left = sql.query(include_str!("old_way/left.sql"), &[&id]).await;
        if left[0].get::<i64, _>("Unprocessed") != Some(0) {
            return Ok(true);
        }
        let sql = self.connections.for_statement().await;
        sql.query(include_str!("old_way/finish.sql"), &[&id]).await;
        Ok(false)
    }

    async fn bulk_change(&mut self, id: i64) -> anyhow::Result<BulkChange> {
        let sql = self.connections.for_statement().await;
        let rows = sql
            .query(include_str!("old_way/bulk_change.sql"), &[&id])
            .await;
        let row = rows.first().context("no such bulk change")?;
        let actor: &str = row.get("CreatedBy").context("nobody asked for it")?;
        let bulk = BulkChange {
            id,
            tenant: row.get("TenantId").context("no tenant")?,
            provider: row.get("ServiceProviderId").context("no provider")?,
            actor: actor.to_owned(),
        };
        let sql = self.connections.for_statement().await;
        let previous = include_str!("old_way/previous.sql");
        let under_way = sql.query(previous, &[&id, &bulk.tenant]).await;
        // It would have waited 10 s and looked again; here nothing else runs.
        ensure!(
            under_way[0].get::<i64, _>("UnderWay") == Some(0),
            "an earlier bulk change is under way"
        );
        Ok(bulk)
    }

    /// Whether lines are opened, which the first change decides for all of them; and the page.
    async fn changes(&mut self, id: i64) -> anyhow::Result<(bool, Vec<Change>)> {
        let sql = self.connections.for_statement().await;
        let rows = sql
            .query(include_str!("old_way/deciding.sql"), &[&id])
            .await;
        let deciding: &str = rows
            .first()
            .and_then(|row| row.get("ChangeRequest"))
            .context("no change decides")?;
        let deciding: Value = serde_json::from_str(deciding)?;
        let most = i32::try_from(self.page)?;
        let sql = self.connections.for_statement().await;
        let rows = sql
            .query(include_str!("old_way/page.sql"), &[&id, &most])
            .await;
        let changes = rows.iter().map(|row| {
            let stored: &str = row.get("ChangeRequest").context("no change is stored")?;
            Ok(Change {
                id: row.get("ChangeId").context("no id")?,
                device: row.get("DeviceId").context("no device")?,
                stored: serde_json::from_str(stored)?,
            })
        });
        Ok((
            deciding["CreateRevService"] == true,
            changes.collect::<anyhow::Result<_>>()?,
        ))
    }

    async fn with_a_line(&mut self, bulk: &BulkChange, change: &Change) -> anyhow::Result<()> {
        let account = change.number("IntegrationAuthenticationId")?;
        self.sign_in(account).await?;
        let rev = self.account.as_ref().context("not signed in")?;
        let opened = rev::open_line(self.world, rev, &change.stored).await?;
        self.log(bulk, change, REV_API, &opened.asked, &opened.answered)
            .await;
        let sql = self.connections.for_statement().await;
        sql.query(
            include_str!("old_way/service.sql"),
            &[
                &bulk.id,
                &change.id,
                &change.device,
                &bulk.tenant,
                &bulk.actor.as_str(),
                &change.text("RevCustomerId")?,
                &account,
                &change.number("SiteId")?,
                &opened.line,
                &change.text("Number")?,
                &change.text("ActivatedDate")?,
                &(change.stored["Prorate"] == true),
            ],
        )
        .await;
        let asked = format!("RevServiceId={}", opened.line);
        self.log(bulk, change, UPDATE_AMOP, &asked, "OK").await;
        self.mark(change, &opened.answered).await;
        Ok(())
    }

    async fn sign_in(&mut self, account: i32) -> anyhow::Result<()> {
        if self.account.is_some() {
            return Ok(());
        }
        let sql = self.connections.for_statement().await;
        let rows = sql
            .query(include_str!("old_way/account.sql"), &[&account])
            .await;
        let row = rows.first().context("no account")?;
        let column = |name: &str| row.get::<&str, _>(name).context("an account without it");
        let credentials = [
            column("ClientCode")?,
            column("UserName")?,
            column("UserPassword")?,
        ];
        let url = column("Url")?.to_owned();
        self.account = Some(rev::sign_in(self.world, url, credentials).await?);
        Ok(())
    }

    async fn assign(&mut self, bulk: &BulkChange, changes: &[Change]) -> anyhow::Result<()> {
        let page: Value = changes
            .iter()
            .map(|change| json!({"change": change.id, "device": change.device}))
            .collect();
        let first = changes.first().context("an empty page")?;
        let megabytes = first.stored["CustomerDataAllocationMB"].to_string();
        let sql = self.connections.for_statement().await;
        sql.query(
            include_str!("old_way/assign_page.sql"),
            &[
                &bulk.id,
                &bulk.tenant,
                &bulk.actor.as_str(),
                &first.text("RevCustomerId")?,
                &first.number("IntegrationAuthenticationId")?,
                &first.number("SiteId")?,
                &first.number("CustomerRatePlan")?,
                &megabytes.trim_matches('"'),
                &page.to_string().as_str(),
            ],
        )
        .await;
        Ok(())
    }

    async fn with_a_plan(&mut self, bulk: &BulkChange, change: &Change) -> anyhow::Result<()> {
        let asked = format!(
            "CustomerRatePlanId={}, from {}",
            change.number("CustomerRatePlan")?,
            change.text("EffectiveDate")?
        );
        self.log(bulk, change, RATE_PLAN, &asked, "OK").await;
        self.mark(change, "OK").await;
        Ok(())
    }

    async fn history(&mut self, bulk: &BulkChange, changes: &[Change]) -> anyhow::Result<()> {
        let devices: Vec<String> = changes
            .iter()
            .map(|change| change.device.to_string())
            .collect();
        let first = changes.first().context("an empty page")?;
        let sql = self.connections.for_statement().await;
        sql.query(
            include_str!("old_way/history.sql"),
            &[
                &devices.join(",").as_str(),
                &bulk.tenant,
                &bulk.provider,
                &first.text("EffectiveDate")?,
            ],
        )
        .await;
        Ok(())
    }

    async fn log(
        &mut self,
        bulk: &BulkChange,
        change: &Change,
        description: &str,
        asked: &str,
        answered: &str,
    ) {
        let actor = bulk.actor.as_str();
        let sql = self.connections.for_statement().await;
        let statement = include_str!("old_way/log.sql");
        sql.query(
            statement,
            &[
                &bulk.id,
                &change.id,
                &description,
                &asked,
                &answered,
                &actor,
            ],
        )
        .await;
    }

    async fn mark(&mut self, change: &Change, details: &str) {
        let sql = self.connections.for_statement().await;
        sql.query(include_str!("old_way/mark.sql"), &[&change.id, &details])
            .await;
    }
}
