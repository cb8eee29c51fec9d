//! Every statement of `central`, read from its source: a new one without a case of its own fails.

use std::{collections::BTreeSet, fs, path::Path};

/// What may be tried again after the connection was lost, as the source says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// `Statement::repeatable`
    Whole,
    /// `Statement::once`
    RolledBack,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Listed {
    pub name: String,
    pub repeat: Repeat,
    /// The first line of its file: no other statement has it.
    pub marker: String,
}

fn source() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
}

fn files(folder: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// All of them, by name.
pub fn statements() -> Vec<Listed> {
    let mut statements = Vec::new();
    for path in files(source(), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        for (made, repeat) in [
            ("= Statement::repeatable(", Repeat::Whole),
            ("= Statement::once(", Repeat::RolledBack),
        ] {
            // rustfmt may begin a new line after the equals sign.
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for after in text.split(made).skip(1) {
                let mut quoted = after.split('"').skip(1).step_by(2);
                let (name, file) = (quoted.next().unwrap(), quoted.next().unwrap());
                let sql = fs::read_to_string(path.with_file_name(file)).unwrap();
                statements.push(Listed {
                    name: name.to_owned(),
                    repeat,
                    marker: sql.lines().next().unwrap().to_owned(),
                });
            }
        }
    }
    statements.sort_by(|one, other| one.name.cmp(&other.name));
    statements
}

#[test]
fn every_file_of_sql_is_a_statement_or_one_of_the_migration_runner() {
    let statements = statements();
    let markers: BTreeSet<&str> = statements.iter().map(|it| it.marker.as_str()).collect();
    assert_eq!(markers.len(), statements.len(), "two begin with one line");
    let files = files(source(), "sql");
    let of_runner = files
        .iter()
        .filter(|path| path.parent().is_some_and(|it| it.ends_with("migrate")))
        .count();
    assert_eq!(statements.len() + of_runner, files.len());
}

/// The numbers that `error.rs` puts into a class of its own, in the order in which they stand there.
pub fn classed_numbers() -> BTreeSet<i32> {
    let text = fs::read_to_string(source().join("error.rs")).unwrap();
    let (_, after) = text
        .split_once("pub(crate) fn failure(number: u32) -> Failure {")
        .unwrap();
    let (body, _) = after.split_once("_ => Failure::Permanent").unwrap();
    body.lines()
        .map(|line| line.split("//").next().unwrap())
        .flat_map(|line| line.split(|letter: char| !letter.is_ascii_digit()))
        .filter_map(|number| number.parse().ok())
        .collect()
}
