//! A caller that stops waiting: its connection goes with it.

use std::time::Duration;

use central::{Central, Next, ready::ready};
use embedded_sql_server::faults::{Action, Trigger};
use futures::future::join_all;

use crate::support::Base;

const MARKER: &str = "does the database answer";
/// Each takes one command time-out.
const ROUNDS: usize = 2;

async fn with_places(base: &Base, places: u32) -> Central {
    let mut settings = base.settings();
    settings.pool_size = places;
    // What nothing strikes is answered within this, however busy the machine is.
    settings.command_timeout = Duration::from_secs(3);
    Central::connect(settings).await.unwrap()
}

/// As when a client of the intake hangs up in the middle of its request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_dropped_in_mid_answer_takes_its_connection_along() {
    let base = Base::embedded().await;
    let central = with_places(&base, 1).await;
    let faults = base.server().faults();
    for (n, action) in [Action::Silence, Action::SilenceAfter]
        .into_iter()
        .enumerate()
    {
        ready(&central).await.unwrap();
        faults.add(Trigger::matching(MARKER), action);
        let struck = async {
            while faults.waiting() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            biased;
            answered = ready(&central) => panic!("nobody answers this: {answered:?}"),
            () = struck => {}
        }
        // The only place is free again, and another connection stands in it.
        ready(&central).await.unwrap();
        assert_eq!(base.server().interrupted().connections(), n + 1);
    }
    assert_eq!(base.server().interrupted().asked_again(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_only_those_that_were_struck_lose_their_connections() {
    let base = Base::embedded().await;
    let central = with_places(&base, 8).await;
    let actions = [
        Action::DropBefore,
        Action::DropAfter,
        Action::Error { number: 1205 },
        Action::Error { number: 40_501 },
        Action::Silence,
        Action::SilenceAfter,
        // The server stops waiting when its client has gone.
        Action::DelayAfter(Duration::from_secs(20)),
    ];
    let (mut asked, mut unknown) = (0, 0);
    for round in 0..ROUNDS {
        for (nth, action) in actions.iter().enumerate() {
            base.server().faults().add(
                Trigger::Matching {
                    text: MARKER.to_owned(),
                    nth: u64::try_from(5 * nth + round + 1).unwrap(),
                },
                action.clone(),
            );
        }
        for seen in join_all((0..48).map(|_| ready(&central))).await {
            asked += 1;
            if let Err(error) = seen {
                assert_eq!(error.next(), Next::Unknown, "{error:?}");
                unknown += 1;
            }
        }
    }
    // What is not answered in time is not asked again by itself, and the rest is.
    assert_eq!((asked, unknown), (48 * ROUNDS, 3 * ROUNDS));
    let interrupted = base.server().interrupted();
    assert_eq!(interrupted.connections(), ROUNDS * actions.len());
    assert_eq!(interrupted.asked_again(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_several_that_wait_for_a_connection_is_told_why_there_is_none() {
    let base = Base::embedded().await;
    let mut settings = base.settings();
    // At least one login is refused until then, however busy the machine is.
    settings.checkout_timeout = Duration::from_secs(3);
    let central = Central::connect(settings).await.unwrap();
    base.server().faults().refuse_logins(true);
    for seen in join_all((0..8).map(|_| ready(&central))).await {
        let error = seen.unwrap_err();
        assert!(error.is_login_refused(), "{error:?}");
    }
    base.server().faults().clear();
    ready(&central).await.unwrap();
}
