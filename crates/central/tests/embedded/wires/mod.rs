//! The wire to the database fails: every statement, struck in every way.
//!
//! For each the test says whether it took effect, what the caller sees (an error, never an empty answer), that nothing is half
//! done, and that the same call afterwards answers and leaves what it would have. The server counts which connections were
//! interrupted, and that none of them is asked anything again.

mod by_hand;
mod cases;
mod cut_anywhere;
mod intake;
mod let_go;
mod listed;
mod reads;
mod set_up;
mod stage;
mod struck;
mod working;

use futures::future::join_all;

use self::{
    listed::{Listed, Repeat, statements},
    stage::{Stage, Tried},
};

/// So many stages at once: most of a case's time is the pause before a repetition.
const SIDE_BY_SIDE: usize = 9;

async fn strike(stages: Vec<Vec<Listed>>) -> Tried {
    let expected: usize = stages
        .iter()
        .flatten()
        .map(|listed| struck::all(listed.repeat).len())
        .sum();
    let mut tried = Tried::default();
    for some in stages.chunks(SIDE_BY_SIDE) {
        let struck = some.iter().map(|statements| async {
            let stage = Stage::of(statements.clone()).await;
            stage.strike().await
        });
        tried = join_all(struck).await.into_iter().fold(tried, |a, b| a + b);
    }
    println!("{tried:?}");
    assert_eq!(tried.once, expected);
    assert_eq!(tried.lasting, 2 * tried.statements);
    assert_eq!(tried.unreachable, 5 * tried.statements);
    tried
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_reads_is_never_answered_with_nothing() {
    let (reads, second): (Vec<Listed>, Vec<Listed>) = statements()
        .into_iter()
        .filter(|listed| reads::has(&listed.name))
        // Sends the statement of another one, too.
        .partition(|listed| listed.name != "validate_device");
    assert!(reads.iter().all(|listed| listed.repeat == Repeat::Whole));
    let tried = strike(vec![reads, second]).await;
    assert_eq!(tried.statements, 19);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_writes_is_done_once_or_not_at_all() {
    let writes: Vec<Vec<Listed>> = statements()
        .into_iter()
        .filter(|listed| !reads::has(&listed.name))
        .map(|listed| vec![listed])
        .collect();
    let tried = strike(writes).await;
    assert_eq!(tried.statements, 17);
}
