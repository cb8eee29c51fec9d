//! The project's own definitions run as they are.

use std::{fs, path::PathBuf};

use super::{connect, number, run, server};

fn folder(path: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../infra/sql")
        .join(path);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    files
}

/// The batches of a file: a line with GO alone divides them.
fn batches(text: &str) -> Vec<String> {
    let mut batches = vec![String::new()];
    for line in text.lines() {
        if line.trim().eq_ignore_ascii_case("GO") {
            batches.push(String::new());
        } else if let Some(last) = batches.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    batches.retain(|batch| !batch.trim().is_empty());
    batches
}

#[tokio::test]
async fn every_definition_of_the_project_runs_over_the_wire() {
    let server = server().await;
    let mut client = connect(&server).await;
    let mut count = 0;
    for path in ["central", "changes", "changes/procedures"] {
        for file in folder(path) {
            for batch in batches(&fs::read_to_string(&file).unwrap()) {
                run(&mut client, &batch).await;
            }
            count += 1;
        }
    }
    assert!(count >= 30);
    let tables = number(&mut client, "SELECT COUNT(*) FROM sys.tables;").await;
    assert!(tables >= 29, "{tables} tables");
}
