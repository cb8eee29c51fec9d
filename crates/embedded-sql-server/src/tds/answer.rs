//! Turns what a session says into tokens, and tokens into packets, while the session still runs.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{
    packets::{Kind, Splitter},
    tokens::{self, Done, DoneKind},
};
use crate::{
    error::SqlError,
    sink::{Returned, Sink},
    value::{Column, Value},
};

/// How many bytes gather before packets are handed on.
const GATHER: usize = 64 * 1024;

/// What kind of request is answered: it decides which DONE tokens end the statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Batch,
    Procedure,
}

/// The answer to one request.
///
/// Bytes go to `send` as they gather; after a cancellation nothing is added any more.
pub(crate) struct Answer<S> {
    send: S,
    form: Form,
    splitter: Splitter,
    pending: Vec<u8>,
    cancelled: Arc<AtomicBool>,
    columns: Option<Vec<Column>>,
    /// The last DONE of a batch, or DONEPROC of a procedure: whether more follows is known only afterwards.
    held: Option<Done>,
    /// An error was sent and no DONE has said so yet.
    failed: bool,
    /// Number of the last error, which is the status of a text that fails.
    last_error: i32,
}

impl<S: FnMut(Vec<u8>)> Answer<S> {
    /// Begins an answer of this connection, in packets of this size.
    pub(crate) fn new(
        form: Form,
        connection: u16,
        packet_size: usize,
        cancelled: Arc<AtomicBool>,
        send: S,
    ) -> Self {
        Self {
            send,
            form,
            splitter: Splitter::new(Kind::Answer, connection, packet_size),
            pending: Vec::new(),
            cancelled,
            columns: None,
            held: None,
            failed: false,
            last_error: 0,
        }
    }

    /// Adds tokens that belong to no statement.
    pub(crate) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.cancelled.load(Ordering::Acquire) {
            return;
        }
        self.release_held();
        write(&mut self.pending);
        if self.pending.len() > GATHER {
            let packets = self.splitter.full_packets(&mut self.pending);
            (self.send)(packets);
        }
    }

    /// Whether an error was sent.
    pub(crate) fn has_failed(&self) -> bool {
        self.last_error != 0
    }

    fn release_held(&mut self) {
        if let Some(held) = self.held.take() {
            tokens::done(Done { more: true, ..held }, &mut self.pending);
        }
    }

    /// Ends the answer. What was cancelled ends too, where it stands: the attention signal is answered in a message of its own.
    pub(crate) fn finish(mut self) {
        let last = if self.cancelled.load(Ordering::Acquire) {
            self.release_held();
            Done::new(DoneKind::Done)
        } else {
            self.last_done()
        };
        tokens::done(last, &mut self.pending);
        let packets = self.splitter.last_packets(&mut self.pending);
        (self.send)(packets);
    }

    fn last_done(&mut self) -> Done {
        match (self.held.take(), self.form) {
            (Some(held), _) => Done {
                error: held.error || self.failed,
                ..held
            },
            (None, Form::Batch) => Done {
                error: self.failed,
                ..Done::new(DoneKind::Done)
            },
            (None, Form::Procedure) => {
                tokens::return_status(self.last_error, &mut self.pending);
                Done {
                    error: self.failed,
                    ..Done::new(DoneKind::Proc)
                }
            }
        }
    }
}

impl<S: FnMut(Vec<u8>)> Sink for Answer<S> {
    fn columns(&mut self, columns: &[Column]) {
        self.columns = Some(columns.to_vec());
        self.add(|bytes| tokens::columns(columns, bytes));
    }

    fn row(&mut self, values: &[Value]) {
        let Some(columns) = self.columns.take() else {
            return;
        };
        let mut outcome = Ok(());
        self.add(|bytes| outcome = tokens::row(&columns, values, bytes));
        match outcome {
            Ok(()) => self.columns = Some(columns),
            // The columns stay away, so that the rest of the result set is passed over.
            Err(error) => self.error(&own_mistake(error.to_string())),
        }
    }

    fn done(&mut self, count: Option<u64>) {
        let select = self.columns.take().is_some();
        if count.is_none() && !select && !self.failed {
            // Declarations, assignments and statements under NOCOUNT end without a word.
            return;
        }
        let error = std::mem::take(&mut self.failed);
        let kind = match self.form {
            Form::Batch => DoneKind::Done,
            Form::Procedure => DoneKind::InProc,
        };
        let done = Done {
            error,
            count,
            select,
            ..Done::new(kind)
        };
        match self.form {
            Form::Batch => {
                self.add(|_| ());
                self.held = Some(done);
            }
            Form::Procedure => self.add(|bytes| tokens::done(Done { more: true, ..done }, bytes)),
        }
    }

    fn error(&mut self, error: &SqlError) {
        self.failed = true;
        self.last_error = i32::try_from(error.number).unwrap_or(i32::MAX);
        self.add(|bytes| tokens::error(error, bytes));
    }

    fn info(&mut self, message: &str) {
        self.add(|bytes| tokens::info(message, bytes));
    }

    fn transaction_began(&mut self, descriptor: u64) {
        self.add(|bytes| tokens::transaction_began(descriptor, bytes));
    }

    fn transaction_ended(&mut self, descriptor: u64, committed: bool) {
        self.add(|bytes| tokens::transaction_ended(descriptor, committed, bytes));
    }

    fn database_changed(&mut self, from: &str, to: &str) {
        self.add(|bytes| tokens::database_changed(from, to, bytes));
    }

    fn return_status(&mut self, status: i32) {
        self.add(|bytes| tokens::return_status(status, bytes));
        self.held = Some(Done {
            error: std::mem::take(&mut self.failed),
            ..Done::new(DoneKind::Proc)
        });
    }

    fn return_value(&mut self, returned: &Returned<'_>) {
        if self.cancelled.load(Ordering::Acquire) {
            return;
        }
        // Between the status and the DONEPROC that is held back.
        if let Err(error) = tokens::return_value(returned, &mut self.pending) {
            tokens::error(&own_mistake(error.to_string()), &mut self.pending);
            if let Some(held) = &mut self.held {
                held.error = true;
            }
        }
    }
}

/// A value that this server cannot send.
fn own_mistake(message: String) -> SqlError {
    SqlError {
        state: 2,
        ..SqlError::new(40_000, message)
    }
}

#[cfg(test)]
mod tests;
