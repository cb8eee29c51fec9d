//! The migration runner, whose connection is lost: what it had begun is not there, and the same run again goes on from it.

use central::migrate::{self, MigrateError, Report, Which};
use embedded_sql_server::{
    faults::{Action, Trigger},
    server::Server,
};

use crate::support::{empty, settings};

/// Beginnings of what it sends, and which of them.
const SENT: [(&str, u64); 6] = [
    ("Whether this database has our migrations table", 1),
    ("Which files were applied, and what they were", 1),
    ("What the runner remembers", 1),
    ("Records a file, first in the transaction", 30),
    ("Whether a procedure of this name exists", 2),
    ("COMMIT TRANSACTION", 35),
];

async fn fresh() -> (Server, String) {
    let (server, text) = empty().await;
    let day = time::macros::datetime!(2026-03-01 08:00);
    server.database().clock().freeze_at(day);
    (server, text)
}

async fn apply(text: &str) -> Result<Report, MigrateError> {
    migrate::apply(settings(text), Which::Both).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_connection_is_lost_is_an_error_and_the_next_one_ends_it() {
    let (server, text) = fresh().await;
    apply(&text).await.unwrap();
    let expected = server.database().tables().unwrap();
    let mut tried = 0;
    for (marker, nth) in SENT {
        for action in [
            Action::DropBefore,
            Action::DropAfter,
            Action::Error { number: 1205 },
        ] {
            let what = format!("{marker} {action:?}");
            let (server, text) = fresh().await;
            if marker.starts_with("Which files") {
                apply(&text).await.unwrap();
            }
            let trigger = Trigger::Matching {
                text: marker.to_owned(),
                nth,
            };
            server.faults().add(trigger, action);
            let error = apply(&text).await.expect_err(&what);
            assert_eq!(server.faults().waiting(), 0, "{what}: {error}");
            assert_eq!(server.interrupted().asked_again(), [""; 0], "{what}");
            apply(&text).await.expect(&what);
            assert_eq!(server.database().tables().unwrap(), expected, "{what}");
            tried += 1;
        }
    }
    println!("{tried} runs");
    assert_eq!(tried, 18);
}
