//! What the statements need of an AltaworxCentral that exists: `migrate/needed.json` is found out here from the statements
//! themselves, with the embedded server, and compared. `UPDATE_NEEDED=1` writes it anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::support::{Sql, empty, settings};
use central::migrate::{self, Which};
use embedded_sql_server::{
    database::Database,
    error::SqlError,
    permissions::{Explored, Right, Verb, as_granted},
    value::{Length, Parameter, SqlType, Value},
};
use serde_json::{Value as Json, json};

/// Every statement file of this crate, but for those of the runner itself.
fn statements() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("migrate") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// What a statement needs, whatever its parameters are: each is a text, a number and a key in turn, because a TOP takes no
/// text and a hash no number. A statement that none of them suits is told.
fn explored(database: &Database, text: &str) -> Explored {
    let of = [
        (SqlType::NVarChar(Length::Max), Value::Text("1".to_owned())),
        (SqlType::Int, Value::Int(1)),
        (SqlType::Binary(32), Value::Binary(vec![1; 32])),
    ];
    let mut all: Option<Explored> = None;
    for (sql_type, value) in of {
        let parameters: Vec<Parameter> = (1..=30)
            .map(|n| Parameter {
                name: format!("@P{n}"),
                sql_type,
                value: value.clone(),
                returned: None,
            })
            .collect();
        let mut found = database.explore(text, &parameters);
        if let Some(before) = all.take() {
            let both = |error: &SqlError| before.failed.iter().any(|it| it.line == error.line);
            found.failed.retain(both);
            found.rights.extend(before.rights);
            found.inserts.extend(before.inserts);
        }
        all = Some(found);
    }
    all.unwrap()
}

#[tokio::test]
async fn the_list_of_what_is_needed_is_what_the_statements_need() {
    let (server, text) = empty().await;
    migrate::apply(settings(&text), Which::Both).await.unwrap();
    // Where both link procedures exist, both ways are seen.
    let sql = Sql::connect(&text).await;
    sql.run(
        "CREATE PROCEDURE dbo.usp_UpdateDevice_RevServiceLinks AS SET NOCOUNT ON;",
        &[],
    )
    .await;
    let mut all = Explored::default();
    for (path, text) in statements() {
        let explored = explored(server.database(), &text);
        assert_eq!(explored.failed, [], "{}", path.display());
        all.add(explored);
    }
    // Our own procedures run where a database has none of its own.
    let procedures =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/sql/changes/procedures");
    for entry in fs::read_dir(procedures).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let explored = server.database().explore_procedure(&text);
        assert_eq!(explored.failed, []);
        all.add(explored);
    }

    let central = tables_of_central();
    let mut columns: BTreeMap<(String, String), bool> = BTreeMap::new();
    for right in &all.rights {
        if !central.contains(&right.object) {
            continue;
        }
        if let Some(column) = &right.column {
            let written = columns
                .entry((right.object.clone(), column.clone()))
                .or_default();
            *written |= matches!(right.verb, Verb::Insert | Verb::Update);
        }
    }
    let mut lines = Vec::new();
    for ((table, column), written) in columns {
        let found = sql
            .rows(
                "SELECT TYPE_NAME(c.system_type_id) AS TypeName, c.max_length AS Bytes FROM sys.tables AS t
                 INNER JOIN sys.columns AS c ON c.object_id = t.object_id WHERE t.name = @P1 AND c.name = @P2",
                &[&table.as_str(), &column.as_str()],
            )
            .await;
        lines.push(json!({
            "table": table, "column": column, "type": found[0].get::<&str, _>(0).unwrap(), "bytes": found[0].get::<i16, _>(1).unwrap(),
            "written": written,
        }));
    }
    let inserts: Vec<Json> = all
        .inserts
        .iter()
        .filter(|(table, _)| central.contains(table))
        .map(|(table, columns)| json!({ "table": table, "columns": columns }))
        .collect();
    let found = written(&lines, &inserts);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrate/needed.json");
    if std::env::var("UPDATE_NEEDED").is_ok() {
        fs::write(&path, &found).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == found,
        "the statements need something else by now: UPDATE_NEEDED=1 cargo test -p central --test embedded_needed"
    );
}

fn tables_of_central() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/sql/central");
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let name = text.split("CREATE TABLE dbo.").nth(1).unwrap();
            name.split_whitespace().next().unwrap().to_owned()
        })
        .collect()
}

/// One line for each entry, so that a change is seen.
fn written(columns: &[Json], inserts: &[Json]) -> String {
    let list = |entries: &[Json]| {
        entries
            .iter()
            .map(|entry| format!("    {entry}"))
            .collect::<Vec<_>>()
            .join(",\n")
    };
    format!(
        "{{\n  \"columns\": [\n{}\n  ],\n  \"inserts\": [\n{}\n  ]\n}}\n",
        list(columns),
        list(inserts)
    )
}

#[tokio::test]
async fn the_role_of_ops_holds_what_its_statements_need_and_no_more() {
    let (server, text) = empty().await;
    migrate::apply(settings(&text), Which::Both).await.unwrap();
    migrate::rights(settings(&text)).await.unwrap();
    let mut all = Explored::default();
    for (path, text) in statements() {
        // Pause and resume have the budget's rows put right first.
        let of_ops = path.components().any(|part| part.as_os_str() == "ops");
        if of_ops || path.ends_with("share_budget.sql") {
            all.add(explored(server.database(), &text));
        }
    }
    let granted = server.database().rights_granted("device_association_ops");
    let needed = as_granted(&all.rights, &granted);
    let words = |rights: &BTreeSet<Right>, others: &BTreeSet<Right>| -> Vec<String> {
        rights.difference(others).map(ToString::to_string).collect()
    };
    assert!(!needed.is_empty());
    assert_eq!(words(&needed, &granted), [""; 0], "not granted");
    assert_eq!(words(&granted, &needed), [""; 0], "granted for nothing");
}
