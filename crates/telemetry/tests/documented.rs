//! docs/LOGGING.md and the list of metrics say the same.

use std::{fs, path::Path};

use telemetry::metric::Metric;

/// The rows of the table under "Metrics", cell by cell.
fn documented(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines();
    lines
        .skip_while(|line| *line != "| metric | unit | dimension | from | meaning |")
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

#[test]
fn the_table_of_metrics_is_the_list_of_metrics() {
    let listed: Vec<Vec<String>> = Metric::ALL
        .iter()
        .map(|metric| {
            [
                metric.name(),
                metric.unit().name(),
                metric.dimension().unwrap_or_default(),
                metric.source().name(),
                metric.meaning(),
            ]
            .map(str::to_owned)
            .to_vec()
        })
        .collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/LOGGING.md");
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(documented(&text), listed);
}
