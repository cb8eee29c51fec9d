//! Every metric: its name, its unit, what it is divided by, who sends it and what it means. docs/LOGGING.md repeats this as a
//! table, and a test compares the two.

/// What a metric counts in, in CloudWatch's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Time of one thing.
    Milliseconds,
    /// Age.
    Seconds,
    /// Of a limit.
    Percent,
}

impl Unit {
    /// As CloudWatch spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
            Self::Percent => "Percent",
        }
    }
}

/// Who sends a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Lambda 1, with each request.
    Intake,
    /// Lambda 2, with each batch of messages.
    Consumer,
    /// Lambda 2, with each call of its schedule.
    Sweep,
}

impl Source {
    /// As the table of docs/LOGGING.md says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Consumer => "consumer",
            Self::Sweep => "sweep",
        }
    }
}

macro_rules! metrics {
    ($($(#[doc = $meaning:literal])+ $name:ident: $unit:ident, $dimension:expr, $source:ident;)+) => {
        /// A metric. Its variant is its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Metric { $($(#[doc = $meaning])+ $name,)+ }

        impl Metric {
            /// Every metric, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As CloudWatch knows it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// What it counts in.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit),+ }
            }

            /// The one dimension that it is divided by; its values are those of an enum.
            #[must_use]
            pub const fn dimension(self) -> Option<&'static str> {
                match self { $(Self::$name => $dimension),+ }
            }

            /// Who sends it.
            #[must_use]
            pub const fn source(self) -> Source {
                match self { $(Self::$name => Source::$source),+ }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($meaning),+).trim()),+ }
            }
        }
    };
}

/// By `association::plan::Reason`.
const BY_REASON: Option<&str> = Some("Reason");
/// By `rev::Class`.
const BY_CLASS: Option<&str> = Some("Class");

metrics! {
    /// devices of submits that were recorded to be worked on
    DevicesAccepted: Count, None, Intake;
    /// devices that the checks of a submit refused, also where that was all of them
    DevicesRejected: Count, None, Intake;
    /// the same, by reason
    DevicesRejectedByReason: Count, BY_REASON, Intake;
    /// messages of a submit that stayed in the outbox; the sweep sends them
    ChunksUnsent: Count, None, Intake;
    /// devices that belong to their customer now
    DevicesProcessed: Count, None, Consumer;
    /// devices that ended without: ERROR or API_FAILED
    DevicesFailed: Count, None, Consumer;
    /// the same, by reason
    DevicesFailedByReason: Count, BY_REASON, Consumer;
    /// devices that began to wait for a person
    DevicesInReview: Count, None, Consumer;
    /// calls of Rev.io, by what their answers mean
    RevCalls: Count, BY_CLASS, Consumer;
    /// time of one call of Rev.io, to the end of its answer
    RevCallTime: Milliseconds, None, Consumer;
    /// time of one claim
    ClaimTime: Milliseconds, None, Consumer;
    /// time of one business write, of up to 100 devices
    RecordTime: Milliseconds, None, Consumer;
    /// messages that come back
    MessagesFailed: Count, None, Consumer;
    /// 1 for each sweep that came through to its end: the heartbeat
    Swept: Count, None, Sweep;
    /// bulk changes of which nothing is open, and which this sweep could not finish; 0 without one
    BulkChangesNotFinished: Count, None, Sweep;
    /// age of the oldest outbox row that is not sent and has a receiver; 0 without one
    OutboxAge: Seconds, None, Sweep;
    /// devices that are open and wait for nobody
    DevicesWaiting: Count, None, Sweep;
    /// changes that wait for a person
    ChangesInReview: Count, None, Sweep;
    /// Rev accounts that nobody may call for now
    AccountsPaused: Count, None, Sweep;
    /// Rev accounts that a person has to mend
    AccountsStopped: Count, None, Sweep;
    /// calls of today in percent of the day's; the highest of all accounts
    BudgetUsed: Percent, None, Sweep;
}
