//! What is done to a statement, and what has to come of it.

use std::time::Duration;

use central::Next;
use embedded_sql_server::faults::Action;

use super::listed::{Repeat, classed_numbers};

/// Refused before it began, or rolled back: Microsoft's "Troubleshoot transient connection errors" and the errors of SQL Server itself.
const ROLLED_BACK: [i32; 19] = [
    701, 1204, 1205, 1222, 3960, 4060, 4221, 8645, 8651, 10_928, 10_929, 40_501, 40_544, 40_549,
    40_550, 40_613, 49_918, 49_919, 49_920,
];
/// Broken off: nobody knows whether it was committed.
const INTERRUPTED: [i32; 12] = [
    64, 121, 233, 596, 6_005, 10_053, 10_054, 10_060, 40_143, 40_197, 40_540, 40_545,
];
/// The same again fails again: a missing object, right or procedure.
const PERMANENT: [i32; 3] = [208, 229, 2812];
/// A client that waits no longer than [`TIME_OUT`] has gone by then, however busy the machine is. Nobody waits for so long: the
/// server stops when its client has gone.
const TOO_LATE: Duration = Duration::from_secs(20);
/// Of the client that is struck by silence.
pub const TIME_OUT: Duration = Duration::from_secs(1);

/// What a fault does and what the caller is to see.
#[derive(Debug, Clone)]
pub struct Strike {
    pub action: Action,
    /// Whether the statement took effect all the same.
    pub effect: bool,
    pub seen: Seen,
    /// The caller gives up after [`TIME_OUT`].
    pub hasty: bool,
}

/// What the caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Nothing: the whole answer came before the connection went.
    Whole,
    /// An answer, after it was sent once more.
    Repeated,
    /// An error, after it was sent once.
    Failed(Next),
}

fn strike(action: Action, effect: bool, seen: Seen) -> Strike {
    Strike {
        action,
        effect,
        seen,
        hasty: false,
    }
}

/// Everything that one statement is struck with, once each.
pub fn all(repeat: Repeat) -> Vec<Strike> {
    let lost = match repeat {
        Repeat::Whole => Seen::Repeated,
        Repeat::RolledBack => Seen::Failed(Next::Unknown),
    };
    let mut strikes = vec![
        strike(Action::DropBefore, false, lost),
        strike(Action::DropAfter, true, lost),
        // The answers of these tests fit into one part.
        strike(Action::DropMidway, true, Seen::Whole),
    ];
    // Within the head of the first packet, behind it, and within the first token. Every place: `cut_anywhere`.
    for bytes in [7, 8, 11] {
        strikes.push(strike(Action::DropWithin { bytes }, true, lost));
    }
    for number in ROLLED_BACK {
        // A lock time-out that a transaction asked for is an answer to it.
        let seen = if repeat == Repeat::RolledBack && number == 1222 {
            Seen::Failed(Next::Again)
        } else {
            Seen::Repeated
        };
        strikes.push(strike(Action::Error { number }, false, seen));
    }
    for number in INTERRUPTED {
        strikes.push(strike(Action::Error { number }, false, lost));
    }
    for number in [40_197, 10_054] {
        strikes.push(strike(Action::ErrorAfter { number }, true, lost));
    }
    for number in PERMANENT {
        strikes.push(strike(
            Action::Error { number },
            false,
            Seen::Failed(Next::Never),
        ));
    }
    for (action, effect) in [
        (Action::Silence, false),
        (Action::SilenceAfter, true),
        (Action::Delay(TOO_LATE), false),
        (Action::DelayAfter(TOO_LATE), true),
    ] {
        strikes.push(Strike {
            hasty: true,
            ..strike(action, effect, Seen::Failed(Next::Unknown))
        });
    }
    strikes
}

#[test]
fn every_number_that_the_code_classes_is_tried() {
    let tried = ROLLED_BACK.into_iter().chain(INTERRUPTED).collect();
    assert_eq!(classed_numbers(), tried);
    // What Azure SQL names as transient and as throttling stands among them.
    for named in [
        4060, 40_197, 40_501, 40_613, 49_918, 49_919, 49_920, 4221, 10_928, 10_929, 40_540,
    ] {
        assert!(classed_numbers().contains(&named), "{named}");
    }
}
