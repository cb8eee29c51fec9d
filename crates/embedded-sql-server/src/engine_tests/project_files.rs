//! The project's own T-SQL is understood, every file of it.

use std::path::{Path, PathBuf};

use super::*;
use crate::batch::statement::{Action, SessionOption};
use crate::batch::{Statement, frame::Frame, parse, run::Run};
use crate::error::SqlError;
use crate::value::{Length, SqlType};

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(below);
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

/// A database with all definitions of the project, and what was refused of them.
fn defined() -> (Session, Vec<String>) {
    let mut session = database().session();
    let mut refused = Vec::new();
    for below in [
        "infra/sql/central",
        "infra/sql/changes",
        "crates/central/src/migrate",
    ] {
        for file in project_files(below) {
            for batch in batches(&std::fs::read_to_string(&file).unwrap()) {
                if below.ends_with("migrate") && !batch.contains("CREATE TABLE") {
                    continue;
                }
                refused.extend(
                    try_run(&mut session, &batch)
                        .errors
                        .iter()
                        .map(|error| shown_error(&file, error)),
                );
            }
        }
    }
    (session, refused)
}

fn shown_error(file: &Path, error: &SqlError) -> String {
    format!(
        "{}:{} {} {}",
        file.display(),
        error.line,
        error.number,
        error.message
    )
}

#[test]
fn every_definition_of_the_project_runs() {
    assert_eq!(defined().1, Vec::<String>::new());
}

/// All statements of a batch one after the other, whichever branch they stand in, without what would end the batch or its transaction.
fn flattened(statements: &[Statement], flat: &mut Vec<Statement>) {
    for statement in statements {
        let nothing = Box::new(Statement {
            line: statement.line,
            action: Action::Block(Vec::new()),
        });
        match &statement.action {
            Action::Block(statements) => flattened(statements, flat),
            Action::If {
                condition,
                then,
                otherwise,
            } => {
                let asked = Action::If {
                    condition: condition.clone(),
                    then: nothing,
                    otherwise: None,
                };
                flat.push(Statement {
                    line: statement.line,
                    action: asked,
                });
                flattened(std::slice::from_ref(then), flat);
                flattened(
                    otherwise
                        .as_deref()
                        .map(std::slice::from_ref)
                        .unwrap_or_default(),
                    flat,
                );
            }
            Action::While { condition, body } => {
                let asked = Action::If {
                    condition: condition.clone(),
                    then: nothing,
                    otherwise: None,
                };
                flat.push(Statement {
                    line: statement.line,
                    action: asked,
                });
                flattened(std::slice::from_ref(body), flat);
            }
            Action::BeginTransaction
            | Action::Commit
            | Action::Rollback
            | Action::Throw { .. }
            | Action::Return(_)
            | Action::Break
            | Action::Continue
            | Action::SetOption(SessionOption::XactAbort(_)) => {}
            _ => flat.push(statement.clone()),
        }
    }
}

/// Errors that say that a statement is not understood, other than those that the missing rows and values explain.
const NOT_UNDERSTOOD: [u32; 12] = [
    40000, 102, 137, 156, 195, 174, 207, 208, 209, 264, 1087, 4104,
];

#[test]
fn every_statement_of_the_project_is_understood_in_every_branch() {
    let (mut session, _) = defined();
    let mut refused = Vec::new();
    for file in project_files("crates/central/src") {
        if file
            .parent()
            .is_some_and(|directory| directory.ends_with("migrate"))
        {
            continue;
        }
        let statements = match parse::batch(&std::fs::read_to_string(&file).unwrap()) {
            Ok(statements) => statements,
            Err(error) => {
                refused.push(shown_error(&file, &error));
                continue;
            }
        };
        let mut flat = Vec::new();
        flattened(&statements, &mut flat);
        let mut frame = Frame::new(1);
        for number in 1..=20 {
            frame.variables.declare(
                &format!("@P{number}"),
                SqlType::NVarChar(Length::Max),
                Value::Null,
            );
        }
        frame.declare_all(&statements);
        run(&mut session, "BEGIN TRANSACTION");
        let mut collected = Collected::default();
        let mut running = Run::new(&mut session, &mut collected, frame);
        for statement in flat {
            running.batch(&[statement]);
        }
        session.reset();
        refused.extend(
            collected
                .errors
                .iter()
                .filter(|error| NOT_UNDERSTOOD.contains(&error.number))
                .map(|error| shown_error(&file, error)),
        );
    }
    assert_eq!(refused, Vec::<String>::new());
}
