//! The sweep leaves no effect out: what the outside was asked is compared with what passed a point. An effect without a point, and
//! a statement that the sweep does not know, fail here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use end_to_end::effects::{CONSUMER, INTAKE, THEIRS, points};
use fail::FailScenario;
use local::logins::Login;
use queue::{Outgoing, Queue as _};

use crate::{
    play::{Passes, play},
    scene::{Scene, Way},
};

/// Every effect that the sweep strikes at.
fn effects() -> Vec<&'static str> {
    let all: BTreeSet<&str> = CONSUMER.into_iter().chain(THEIRS).chain(INTAKE).collect();
    all.into_iter().collect()
}

/// What nobody can read: its delivery fails, so that it is hidden.
fn poison() -> Outgoing {
    Outgoing {
        body: "{".to_owned(),
        attributes: Vec::new(),
        group: None,
        delay: std::time::Duration::ZERO,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_outside_without_passing_a_point() {
    let _alone = FailScenario::setup();
    let mut met = BTreeSet::new();
    for way in [Way::Ours, Way::Theirs, Way::Elsewhere] {
        let passes = Passes::of(points(&effects()));
        let mut scene = Scene::submitted(way).await;
        if way == Way::Ours {
            assert!(scene.world.queue.send(&[poison()]).await[0].is_ok());
        }
        play(&mut scene, None, "counted", |call| passes.at(call)).await;
        let seen = passes.seen();
        let of = |side: &str, of: &str| -> usize {
            seen.iter()
                .filter(|(point, _)| point.starts_with(of) && point.ends_with(side))
                .map(|(_, calls)| calls.len())
                .sum()
        };
        let database = scene.world.server().database();
        let asked =
            [Login::Intake, Login::Consumer].map(|login| database.requests_of(login.user()));
        let asked = usize::try_from(asked.iter().sum::<u64>()).unwrap();
        // Each time the budgets are put right a statement was refused before, and had no other answer.
        let refused = of(".after", "central.share_budget");
        let queues = [&*scene.world.queue, &scene.others, &scene.carrier];
        let sent: u64 = queues.iter().map(|queue| queue.requests()).sum();
        let sent = usize::try_from(sent).unwrap();
        let posts = scene.world.amop.posts();
        let calls = scene.world.rev.calls();
        // One answer is lost on purpose: what comes after it is not on that way.
        let answered = calls.iter().filter(|call| call.status.is_some()).count();
        let outside = [
            ("central.", asked, asked - refused),
            ("rev.", calls.len(), answered),
            ("queue.", sent, sent),
            ("notice.", posts, posts),
        ];
        for (of_what, asked, answered) in outside {
            assert_eq!(
                of(".before", of_what),
                asked,
                "{way:?}: {of_what} before, {seen:?}"
            );
            assert_eq!(
                of(".after", of_what),
                answered,
                "{way:?}: {of_what} after, {seen:?}"
            );
        }
        met.extend(seen.into_keys());
    }
    let known: BTreeSet<String> = points(&effects()).into_iter().collect();
    assert_eq!(met, known, "points of the sweep that nothing passes");
}

/// Name, folder and text of each `Statement` constant of `central`.
fn statements(folder: &Path, found: &mut BTreeMap<String, (bool, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            statements(&path, found);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for kind in ["Statement::repeatable(", "Statement::once("] {
            for constant in text.split(kind).skip(1) {
                let quoted: Vec<&str> = constant.split('"').take(4).collect();
                let [_, name, between, file] = quoted[..] else {
                    panic!("{}: a statement without name and file", path.display());
                };
                assert!(
                    between.contains("include_str!"),
                    "{}: the text of {name} is no file",
                    path.display()
                );
                let people = folder.ends_with("ops");
                let sql = fs::read_to_string(folder.join(file)).unwrap();
                found.insert(name.to_owned(), (people, sql));
            }
        }
    }
}

/// Whether a statement changes a row of a table.
fn writes(sql: &str) -> bool {
    let code: Vec<&str> = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    let code = code.join("\n").to_uppercase();
    ["INSERT INTO DBO.", "UPDATE ", "DELETE ", "MERGE ", "EXEC "]
        .iter()
        .any(|word| code.contains(word))
}

#[test]
fn every_statement_that_writes_is_struck_at() {
    let mut found = BTreeMap::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/central/src");
    statements(&sources, &mut found);
    let struck: BTreeSet<&str> = effects()
        .into_iter()
        .filter_map(|effect| effect.strip_prefix("central."))
        .collect();
    assert!(
        struck.iter().all(|name| found.contains_key(*name)),
        "statements are looked for where there are none: {:?}",
        found.keys()
    );
    // What people run with `ops` is no way of a lambda.
    let left_out: Vec<&String> = found
        .iter()
        .filter(|(name, (people, sql))| !people && writes(sql) && !struck.contains(name.as_str()))
        .map(|(name, _)| name)
        .collect();
    assert!(left_out.is_empty(), "no scenario strikes at {left_out:?}");
}
