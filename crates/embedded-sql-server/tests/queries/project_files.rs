//! The project's own statements are known here: none is refused, and none names a table or column that does not exist.

use std::{
    fs,
    path::{Path, PathBuf},
};

use embedded_sql_server::{
    collect::Collected,
    database::{Database, Storage},
    session::Session,
    value::{Length, Parameter, SqlType, Value},
};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The .sql files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn defined() -> Session {
    let mut session = Database::open(&Storage::Memory, "AltaworxCentral")
        .unwrap()
        .session();
    let sql = project().join("infra/sql");
    let mut paths = files(&sql.join("central"));
    paths.extend(files(&sql.join("changes")));
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        for batch in text.split("\nGO") {
            let mut sink = Collected::default();
            session.batch(batch, &mut sink);
            assert_eq!(sink.errors, [], "{}", path.display());
        }
    }
    session
}

/// The numbered parameters of a statement, all NULL.
fn parameters(text: &str) -> Vec<Parameter> {
    (1..=40)
        .filter(|number| {
            let name = format!("@P{number}");
            text.match_indices(&name)
                .any(|(at, _)| !text[at + name.len()..].starts_with(|c: char| c.is_ascii_digit()))
        })
        .map(|number| Parameter {
            name: format!("@P{number}"),
            sql_type: SqlType::NVarChar(Length::Max),
            value: Value::Null,
        })
        .collect()
}

#[test]
fn every_statement_of_the_project_is_known() {
    let mut session = defined();
    let mut refused = Vec::new();
    let mut paths = files(&project().join("crates/central/src"));
    // The runner makes its own table before it asks for it.
    paths.sort_by_key(|path| !path.ends_with("migrate/table.sql"));
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let mut sink = Collected::default();
        session.execute_sql(&text, &parameters(&text), &mut sink);
        session.reset();
        // A NULL that a column does not take, or that TOP does not count, is a matter of the values.
        for error in sink
            .errors
            .iter()
            .filter(|error| !matches!(error.number, 515 | 547 | 1060))
        {
            refused.push(format!(
                "{}: {} {}",
                path.file_name().unwrap().display(),
                error.number,
                error.message
            ));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}
