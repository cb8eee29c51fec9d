//! The one way to the database: sends a statement, reads everything it answers, and tries transient failures again.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bb8::{Pool, RunError};
use futures::TryStreamExt;
use serde::Serialize;
use tiberius::{QueryItem, ToSql};
use tokio::time::{Instant, timeout_at};

use crate::{
    Settings,
    decode::{Answer, Fields, ResultSet},
    error::{CentralError, Failure, failure},
    masked::masked,
    pool::{self, LastConnectError, Manager},
    statement::{Repeat, Statement},
};

/// How often a statement is sent at most, and the pause before the first repetition (it doubles).
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// AltaworxCentral. A clone shares the pool and the counter.
#[derive(Clone)]
pub struct Central {
    pool: Pool<Manager>,
    last_connect_error: LastConnectError,
    /// For how long it counts why connecting failed last.
    remembered: Duration,
    command_timeout: Duration,
    round_trips: Arc<AtomicU64>,
}

impl Central {
    /// Prepares the pool. The database need not be up, and its absence shows at the first statement.
    ///
    /// Nothing is connected yet, unless certificate authorities are given: then one connection is opened for the pool, because
    /// authorities that the server's certificate does not come from are a fault of the settings, to be told at the start.
    pub async fn connect(settings: Settings) -> Result<Self, CentralError> {
        let unreachable = |source| CentralError::Unreachable {
            statement: "connect",
            source: Some(source),
        };
        let (pool, last_connect_error) = pool::open(&settings).await.map_err(unreachable)?;
        // An attempt that hangs fails after its own time-out, and the next one is begun only then: a checkout that ends meanwhile
        // has to look back over both.
        let remembered = settings.checkout_timeout + settings.connect_timeout;
        if settings.authorities.is_some()
            && pool.get().await.is_err()
            && let Some(error) = last_connect_error.within(remembered)
            && error.is_untrusted()
        {
            return Err(unreachable(error));
        }
        Ok(Self {
            pool,
            last_connect_error,
            remembered,
            command_timeout: settings.command_timeout,
            round_trips: Arc::default(),
        })
    }

    /// How many requests were sent to the server so far, repetitions included.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::Relaxed)
    }

    /// Runs a statement and reads all of its result sets.
    ///
    /// A transient failure is tried again whole, as far as the statement allows; any failure drops the connection.
    pub(crate) async fn query(
        &self,
        statement: &Statement,
        parameters: &[&dyn ToSql],
    ) -> Result<Answer, CentralError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.query_once(statement, parameters).await {
                Err(error) if is_repeated(statement.repeat, &error) => {
                    tracing::debug!(statement = statement.name, %error, "tried again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                settled => return settled,
            }
        }
        self.query_once(statement, parameters).await
    }

    async fn query_once(
        &self,
        statement: &Statement,
        parameters: &[&dyn ToSql],
    ) -> Result<Answer, CentralError> {
        let mut sets: Vec<ResultSet> = Vec::new();
        self.exchange(statement, parameters, Patience::Whole, |item| {
            match item {
                QueryItem::Metadata(_) => sets.push(Vec::new()),
                QueryItem::Row(row) => {
                    if let Some(set) = sets.last_mut() {
                        set.push(row);
                    }
                }
            }
            ControlFlow::Continue(())
        })
        .await?;
        Ok(Answer::new(statement, sets))
    }

    /// Runs a statement and hands each row on as it arrives, with the number of its result set from 0, so that an answer of any
    /// length needs the memory of one row. `take` ends the reading when it has what it wants; the connection is then dropped.
    ///
    /// The command's time-out counts from row to row. A transient failure is tried again as long as no row was handed on.
    pub(crate) async fn each_row(
        &self,
        statement: &Statement,
        parameters: &[&dyn ToSql],
        mut take: impl FnMut(usize, &Fields<'_>) -> Result<ControlFlow<()>, CentralError>,
    ) -> Result<(), CentralError> {
        let mut pause = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            let (mut set, mut begun, mut refused) = (None, false, None);
            let exchange =
                self.exchange(
                    statement,
                    parameters,
                    Patience::EachItem,
                    |item| match item {
                        QueryItem::Metadata(_) => {
                            set = Some(set.map_or(0, |set: usize| set + 1));
                            ControlFlow::Continue(())
                        }
                        QueryItem::Row(row) => {
                            begun = true;
                            take(set.unwrap_or_default(), &Fields::of(statement, &row))
                                .unwrap_or_else(|error| {
                                    refused = Some(error);
                                    ControlFlow::Break(())
                                })
                        }
                    },
                );
            let exchanged = exchange.await;
            if let Some(error) = refused {
                return Err(error);
            }
            match exchanged {
                Err(error) if !begun && tries < TRIES && is_repeated(statement.repeat, &error) => {
                    tracing::debug!(statement = statement.name, %error, "tried again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    tries += 1;
                }
                settled => return settled,
            }
        }
    }

    /// One request and all that is answered, item by item.
    async fn exchange(
        &self,
        statement: &Statement,
        parameters: &[&dyn ToSql],
        patience: Patience,
        mut take: impl FnMut(QueryItem) -> ControlFlow<()>,
    ) -> Result<(), CentralError> {
        fail::fail_point!(&format!("central.{}.before", statement.name), |said| Err(
            self.struck(statement, said.as_deref())
        ));
        let mut connection = match self.pool.get().await {
            Ok(connection) => connection,
            Err(error) => {
                return Err(CentralError::Unreachable {
                    statement: statement.name,
                    source: match error {
                        RunError::User(error) => Some(error),
                        RunError::TimedOut => self.last_connect_error.within(self.remembered),
                    },
                });
            }
        };
        // Whatever ends this function before the last row was read, a dropped future included, leaves the mark.
        connection.dirty = true;
        self.round_trips.fetch_add(1, Ordering::Relaxed);
        let mut until = Instant::now() + self.command_timeout;
        let begun = connection.client.query(statement.text, parameters);
        let mut stream = timeout_at(until, begun)
            .await
            .map_err(|_| self.timed_out(statement))?
            .map_err(|error| sent(statement, error))?;
        while let Some(item) = timeout_at(until, stream.try_next())
            .await
            .map_err(|_| self.timed_out(statement))?
            .map_err(|error| sent(statement, error))?
        {
            if patience == Patience::EachItem {
                until = Instant::now() + self.command_timeout;
            }
            if take(item).is_break() {
                return Ok(());
            }
        }
        drop(stream);
        // As after a real time-out the connection is dropped.
        fail::fail_point!(&format!("central.{}.after", statement.name), |_| Err(
            self.timed_out(statement)
        ));
        connection.dirty = false;
        Ok(())
    }

    /// What a fault point says instead of the effect: no connection came about; or, as a test wants it, nothing is answered
    /// (`silence`), or an error of the server (its number).
    #[allow(
        dead_code,
        reason = "called only when the feature `failpoints` of the crate `fail` is on"
    )]
    fn struck(&self, statement: &Statement, said: Option<&str>) -> CentralError {
        match said {
            None => CentralError::Unreachable {
                statement: statement.name,
                source: None,
            },
            Some("silence") => self.timed_out(statement),
            Some(number) => CentralError::Server {
                statement: statement.name,
                number: number.parse().unwrap_or_default(),
                message: "a test asked for this".to_owned(),
            },
        }
    }

    fn timed_out(&self, statement: &Statement) -> CentralError {
        CentralError::TimedOut {
            statement: statement.name,
            after: self.command_timeout,
        }
    }
}

/// What the command's time-out is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// The whole answer.
    Whole,
    /// Each row, because an answer may be long.
    EachItem,
}

/// A set of rows as the JSON text that `OPENJSON` reads.
pub(crate) fn json<T: Serialize + ?Sized>(
    statement: &Statement,
    rows: &T,
) -> Result<String, CentralError> {
    serde_json::to_string(rows).map_err(|source| CentralError::Parameter {
        statement: statement.name,
        source,
    })
}

/// What an error of the driver means once the statement was sent.
fn sent(statement: &Statement, error: tiberius::error::Error) -> CentralError {
    match error {
        tiberius::error::Error::Server(token) => CentralError::Server {
            statement: statement.name,
            number: token.code(),
            message: masked(token.message()),
        },
        source => CentralError::Lost {
            statement: statement.name,
            source,
        },
    }
}

/// Whether a failure is tried again at once. A missing connection is not: the checkout has waited for one already.
fn is_repeated(repeat: Repeat, error: &CentralError) -> bool {
    match error {
        CentralError::Server { number, .. } => match failure(*number) {
            // A lock time-out that a statement asked for is an answer, not a failure.
            Failure::RolledBack => repeat == Repeat::Whole || *number != 1222,
            Failure::Interrupted => repeat == Repeat::Whole,
            Failure::Permanent => false,
        },
        CentralError::Lost { .. } => repeat == Repeat::Whole,
        _ => false,
    }
}
