//! The project's own T-SQL is understood, every file of it.

use std::path::{Path, PathBuf};

use super::*;
use crate::batch::parse;

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            found.push(path);
        }
    }
    found.sort();
}

fn project_files(below: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(below);
    let mut found = Vec::new();
    files_below(&root, &mut found);
    found
}

/// The batches of a file, as the runner splits them: at lines that say GO.
fn batches(text: &str) -> Vec<String> {
    let mut batches = vec![String::new()];
    for line in text.lines() {
        if line.trim().eq_ignore_ascii_case("go") {
            batches.push(String::new());
        } else if let Some(batch) = batches.last_mut() {
            batch.push_str(line);
            batch.push('\n');
        }
    }
    batches.retain(|batch| !batch.trim().is_empty());
    batches
}

#[test]
fn every_definition_of_the_project_runs() {
    let mut session = database().session();
    let mut refused = Vec::new();
    for below in ["infra/sql/central", "infra/sql/changes"] {
        for file in project_files(below) {
            for batch in batches(&std::fs::read_to_string(&file).unwrap()) {
                for error in try_run(&mut session, &batch).errors {
                    refused.push(format!("{}:{} {} {}", file.display(), error.line, error.number, error.message));
                }
            }
        }
    }
    assert_eq!(refused, Vec::<String>::new());
}

#[test]
fn every_statement_file_of_the_project_parses() {
    let mut refused = Vec::new();
    for file in project_files("crates/central/src") {
        if let Err(error) = parse::batch(&std::fs::read_to_string(&file).unwrap()) {
            refused.push(format!("{}:{} {} {}", file.display(), error.line, error.number, error.message));
        }
    }
    assert_eq!(refused, Vec::<String>::new());
}
