//! The one way to the database: sends a statement, reads everything it answers, and tries transient failures again.

use std::{
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

use crate::{
    Settings,
    decode::{Answer, ResultSet},
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
    command_timeout: Duration,
    round_trips: Arc<AtomicU64>,
}

impl Central {
    /// Prepares the pool. Nothing is connected yet: the database need not be up, and its absence shows at the first statement.
    pub async fn connect(settings: Settings) -> Result<Self, CentralError> {
        let (pool, last_connect_error) =
            pool::open(&settings)
                .await
                .map_err(|source| CentralError::Unreachable {
                    statement: "connect",
                    source: Some(source),
                })?;
        Ok(Self {
            pool,
            last_connect_error,
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
        fail::fail_point!(&format!("central.{}.before", statement.name), |_| Err(
            CentralError::Unreachable {
                statement: statement.name,
                source: None,
            }
        ));
        let mut connection = match self.pool.get().await {
            Ok(connection) => connection,
            Err(error) => {
                return Err(CentralError::Unreachable {
                    statement: statement.name,
                    source: match error {
                        RunError::User(error) => Some(error),
                        RunError::TimedOut => self.last_connect_error.take(),
                    },
                });
            }
        };
        // Whatever ends this function before the last row was read, a dropped future included, leaves the mark.
        connection.dirty = true;
        self.round_trips.fetch_add(1, Ordering::Relaxed);
        let exchange = async {
            let mut stream = connection.client.query(statement.text, parameters).await?;
            let mut sets: Vec<ResultSet> = Vec::new();
            while let Some(item) = stream.try_next().await? {
                match item {
                    QueryItem::Metadata(_) => sets.push(Vec::new()),
                    QueryItem::Row(row) => {
                        if let Some(set) = sets.last_mut() {
                            set.push(row);
                        }
                    }
                }
            }
            Ok(sets)
        };
        let sets = match tokio::time::timeout(self.command_timeout, exchange).await {
            Ok(Ok(sets)) => sets,
            Ok(Err(error)) => return Err(sent(statement, error)),
            Err(_) => {
                return Err(CentralError::TimedOut {
                    statement: statement.name,
                    after: self.command_timeout,
                });
            }
        };
        connection.dirty = false;
        drop(connection);
        fail::fail_point!(&format!("central.{}.after", statement.name), |_| Err(
            CentralError::TimedOut {
                statement: statement.name,
                after: self.command_timeout,
            }
        ));
        Ok(Answer::new(statement, sets))
    }
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
