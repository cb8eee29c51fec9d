//! axe-core, which judges a page by the rules of WCAG 2.2 A and AA and by its own of good practice.

use fantoccini::Client;
use serde_json::Value;

use super::programs;

/// Runs the rules over what is there now. Asynchronous: the driver waits for the callback, the last argument.
const RUN: &str = r"
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then(
  (found) => done(found.violations.map((rule) => ({
    impact: rule.impact, rule: rule.id, help: rule.help,
    where: rule.nodes.slice(0, 5).map((node) => node.target.join(' ') + ' ' + (node.any[0]?.message || node.all[0]?.message || '')),
  }))),
  (error) => done([{ impact: 'critical', rule: 'axe', help: String(error), where: [] }]),
);
";

/// Fails with each serious or critical finding.
pub async fn judge(client: &Client, page: &str) {
    let grave = grave(client).await;
    assert!(grave.is_empty(), "{page}: {grave:#?}");
}

/// What axe finds serious or critical.
pub async fn grave(client: &Client) -> Vec<Value> {
    client.execute(&programs::axe(), vec![]).await.unwrap();
    let found = client.execute_async(RUN, vec![]).await.unwrap();
    let found = found.as_array().cloned().unwrap();
    found
        .into_iter()
        .filter(|rule| rule["impact"] == "serious" || rule["impact"] == "critical")
        .collect()
}
