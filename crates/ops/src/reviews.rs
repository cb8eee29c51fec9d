//! `ops reviews`: the changes that wait for a person.

use std::io::Write;

use association::ids::TenantId;
use central::{
    Central,
    ops::review::{Waiting, reviews},
};
use serde_json::json;

use crate::{Failure, words};

pub(crate) async fn run(
    central: &Central,
    tenant: Option<TenantId>,
    limit: u32,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (total, waiting) = reviews(central, tenant, limit).await?;
    if json {
        let all = json!({ "total": total, "reviews": waiting });
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    if waiting.is_empty() {
        writeln!(out, "No change waits for a person.")?;
        return Ok(());
    }
    let head = [
        "change",
        "bulk change",
        "tenant",
        "ICCID",
        "customer",
        "number",
        "reference",
        "call meant at",
        "line",
        "since",
        "why",
    ];
    let rows: Vec<Vec<String>> = waiting.iter().map(row).collect();
    write!(out, "{}", words::table(&head, &rows))?;
    let shown = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    if shown < total {
        writeln!(out, "{shown} of {total}; --limit shows more.")?;
    } else {
        writeln!(
            out,
            "{} {}.",
            words::count(total, "change"),
            if total == 1 { "waits" } else { "wait" }
        )?;
    }
    Ok(())
}

fn row(waiting: &Waiting) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let why = waiting.words.as_deref().unwrap_or("-");
    vec![
        waiting.change.to_string(),
        waiting.bulk_change.to_string(),
        match &waiting.tenant_name {
            Some(name) => format!("{} {}", waiting.tenant, words::cut(name, 20)),
            None => waiting.tenant.to_string(),
        },
        waiting.iccid.clone(),
        waiting.customer.clone(),
        waiting.number.clone(),
        or_dash(waiting.reference.clone()),
        or_dash(waiting.intent_at.map(|at| at.to_string())),
        or_dash(waiting.line.map(|line| line.to_string())),
        waiting.since.to_string(),
        if waiting.ended {
            format!("ended; {why}")
        } else {
            why.to_owned()
        },
    ]
}
