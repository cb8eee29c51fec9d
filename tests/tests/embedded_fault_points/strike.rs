//! What strikes at a named point, and that it did.

use local::rev::{Call, Fault, Rule};

use crate::scene::Scene;

/// What happens at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The process is gone before the effect.
    KilledBefore,
    /// The process is gone after the effect, before it could do anything with the answer.
    KilledAfter,
    /// No effect, and an error for an answer: of the database one that nobody tries again (229), of Rev 429.
    Error,
    /// The effect, and no answer.
    EffectWithoutAnswer,
    /// Neither: the caller waits until its time is up.
    NeitherEffectNorAnswer,
}

pub const KINDS: [Kind; 5] = [
    Kind::KilledBefore,
    Kind::KilledAfter,
    Kind::Error,
    Kind::EffectWithoutAnswer,
    Kind::NeitherEffectNorAnswer,
];

/// How the struck message comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Delivery {
    /// Once more, when the lease is over.
    Again,
    /// At once, while the lease holds; and once more when it is over.
    Twice,
    /// Two consumers have it at the same moment, now and when the lease is over.
    SideBySide,
}

pub const DELIVERIES: [Delivery; 3] = [Delivery::Again, Delivery::Twice, Delivery::SideBySide];

impl Kind {
    /// The point where a process of this kind of death stands still.
    pub fn frozen_at(self, effect: &str) -> Option<String> {
        match self {
            Self::KilledBefore => Some(format!("{effect}.before")),
            Self::KilledAfter => Some(format!("{effect}.after")),
            _ => None,
        }
    }
}

/// A fault that waits in this process.
pub enum Armed {
    /// At this fault point.
    Point(String),
    /// At Rev's stand-in, which had been called so often.
    Rev(usize),
}

/// Lets a fault of a kind without a death wait for the next pass of an effect.
pub fn arm(scene: &Scene, effect: &str, kind: Kind) -> Armed {
    let call = match effect {
        "rev.token" => Some(Call::Token),
        "rev.customer" => Some(Call::Customer),
        "rev.products" => Some(Call::Products),
        "rev.open_line" => Some(Call::OpenLine),
        "rev.lines" => Some(Call::Lines),
        _ => None,
    };
    let (side, says) = match (kind, call) {
        (Kind::Error, Some(call)) => {
            let calls = scene.world.rev.calls().len();
            scene
                .world
                .rev
                .fault(Rule::once(call, Fault::throttled(Some("5"))));
            return Armed::Rev(calls);
        }
        (Kind::Error, None) if effect.starts_with("central.") => ("before", "(229)"),
        (Kind::Error, None) => ("before", ""),
        (Kind::NeitherEffectNorAnswer, _) => ("before", "(silence)"),
        (Kind::EffectWithoutAnswer, _) => ("after", ""),
        (Kind::KilledBefore | Kind::KilledAfter, _) => unreachable!("a process dies by itself"),
    };
    let point = format!("{effect}.{side}");
    fail::cfg(&point, &format!("1*return{says}->off")).unwrap();
    Armed::Point(point)
}

impl Armed {
    /// Takes the fault away; it has struck, or the scenario was none.
    pub fn assert_struck(self, scene: &Scene, when: &str) {
        match self {
            Self::Point(point) => {
                assert!(!is_left(&point), "{when}: nothing passed {point}");
                fail::remove(point);
            }
            Self::Rev(before) => {
                let calls = scene.world.rev.calls();
                assert!(
                    calls[before..].iter().any(|call| call.status == Some(429)),
                    "{when}: Rev was not asked"
                );
            }
        }
    }
}

/// Whether a fault still waits: then it strikes here.
fn is_left(point: &str) -> bool {
    fail::fail_point!(point, |_| true);
    false
}
