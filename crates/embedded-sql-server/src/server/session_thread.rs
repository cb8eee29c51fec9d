//! The thread of one connection's session.
//!
//! Sessions block (on SQLite and on the lock of the database), so each has a thread of its own and many connections work side by side.
//! The thread ends, and drops the session with its open transaction, when its connection is gone and the running request has ended.

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use tokio::sync::{mpsc as async_mpsc, oneshot};

use crate::{
    error::SqlError,
    session::Session,
    sink::{Returned, Sink},
    tds::{
        answer::{Answer, Form},
        packets::Reset,
        requests::{Request, TransactionRequest},
        tokens,
    },
    value::{Column, Parameter, SqlType, Value},
};

/// What a connection asks of a session. [`Session`] is the one of production; tests of the wire bring a scripted one.
pub(crate) trait Requests {
    fn batch(&mut self, text: &str, sink: &mut dyn Sink);
    fn execute_sql(&mut self, text: &str, parameters: &[Parameter], sink: &mut dyn Sink);
    fn procedure(&mut self, name: &str, parameters: &[Parameter], sink: &mut dyn Sink);
    /// Whether a text could be run; reports what is wrong with it.
    fn check(&mut self, text: &str, sink: &mut dyn Sink) -> bool;
    fn reset(&mut self);
    fn transaction_descriptor(&self) -> u64;
    /// Set by the connection when nobody waits for the answer any more, and taken back by it before the next request.
    fn cancel_flag(&self) -> Arc<AtomicBool>;
}

impl Requests for Session {
    fn batch(&mut self, text: &str, sink: &mut dyn Sink) {
        Session::batch(self, text, sink);
    }

    fn execute_sql(&mut self, text: &str, parameters: &[Parameter], sink: &mut dyn Sink) {
        Session::execute_sql(self, text, parameters, sink);
    }

    fn procedure(&mut self, name: &str, parameters: &[Parameter], sink: &mut dyn Sink) {
        Session::procedure(self, name, parameters, sink);
    }

    fn check(&mut self, text: &str, sink: &mut dyn Sink) -> bool {
        Session::check(self, text, sink)
    }

    fn reset(&mut self) {
        Session::reset(self);
    }

    fn transaction_descriptor(&self) -> u64 {
        Session::transaction_descriptor(self)
    }

    fn cancel_flag(&self) -> Arc<AtomicBool> {
        Session::cancel_flag(self)
    }
}

/// What the thread is to do.
#[derive(Debug)]
pub(super) enum Work {
    Run(Request),
    /// Say whether a text can be prepared, and tell its handle.
    Prepare {
        text: String,
        handle: i32,
        place: u16,
        name: String,
    },
    /// Nothing but a status: the connection has done the rest.
    Done,
    /// Answer with an error without running anything.
    Fail {
        error: SqlError,
        roll_back: bool,
        form: Form,
    },
}

impl Work {
    fn form(&self) -> Form {
        match self {
            Self::Run(Request::Batch(_) | Request::Transaction(_)) => Form::Batch,
            Self::Run(_) | Self::Prepare { .. } | Self::Done => Form::Procedure,
            Self::Fail { form, .. } => *form,
        }
    }
}

/// A request has ended, and all of its answer has been handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    /// An error stood in the answer.
    pub failed: bool,
}

/// Requests that were handed over and have not ended, over all sessions of a server.
#[derive(Debug, Clone, Default)]
pub(super) struct RunningCount(Arc<AtomicUsize>);

impl RunningCount {
    pub(super) fn now(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    /// Counts one more for as long as the answer is kept.
    fn one(&self) -> Counted {
        self.0.fetch_add(1, Ordering::AcqRel);
        Counted(Arc::clone(&self.0))
    }
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

struct Job {
    work: Work,
    reset: Reset,
    packet_size: usize,
    packets: async_mpsc::UnboundedSender<Vec<u8>>,
    ended: oneshot::Sender<Ended>,
    /// Nobody reads the rest of the answer.
    abandoned: Arc<AtomicBool>,
    counted: Counted,
}

/// A request that runs.
pub(super) struct Running {
    /// Packets of the answer. Closed when the request has ended.
    pub packets: async_mpsc::UnboundedReceiver<Vec<u8>>,
    /// Comes after the last packet; an error means that the session is no more.
    pub ended: oneshot::Receiver<Ended>,
    abandoned: Arc<AtomicBool>,
}

/// The connection's hold on its session. Dropping it stops what runs and drops the session after it.
pub(super) struct SessionThread {
    jobs: mpsc::Sender<Job>,
    cancel: Arc<AtomicBool>,
    running: RunningCount,
}

impl SessionThread {
    /// Starts the thread. It keeps `alive` until the session is dropped.
    pub(super) fn start(
        connection: u16,
        session: Box<dyn Requests + Send>,
        alive: async_mpsc::Sender<Infallible>,
        running: RunningCount,
    ) -> io::Result<Self> {
        let cancel = session.cancel_flag();
        let (jobs, received) = mpsc::channel();
        thread::Builder::new()
            .name(format!("sql-session-{connection}"))
            .spawn(move || {
                work_off(session, connection, &received);
                drop(alive);
            })?;
        Ok(Self {
            jobs,
            cancel,
            running,
        })
    }

    /// Hands a request over. The one before it must have ended.
    pub(super) fn begin(&self, work: Work, reset: Reset, packet_size: usize) -> Running {
        self.cancel.store(false, Ordering::Release);
        let (packets, received) = async_mpsc::unbounded_channel();
        let (ended, end) = oneshot::channel();
        let abandoned = Arc::<AtomicBool>::default();
        let job = Job {
            work,
            reset,
            packet_size,
            packets,
            ended,
            abandoned: Arc::clone(&abandoned),
            counted: self.running.one(),
        };
        // When the thread is gone the job is dropped, and with it both senders: the receivers see that.
        if self.jobs.send(job).is_err() {
            tracing::warn!("the session of this connection has ended before it");
        }
        Running {
            packets: received,
            ended: end,
            abandoned,
        }
    }

    /// Stops a request as soon as the session can.
    pub(super) fn cancel(&self, running: &Running) {
        running.abandoned.store(true, Ordering::Release);
        self.cancel.store(true, Ordering::Release);
    }
}

impl Drop for SessionThread {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::Release);
    }
}

fn work_off(mut session: Box<dyn Requests + Send>, connection: u16, jobs: &mpsc::Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        let Job {
            work,
            reset,
            packet_size,
            packets,
            ended,
            abandoned,
            counted,
        } = job;
        let send = |bytes| {
            // The client may be gone; the work is done all the same.
            packets.send(bytes).ok();
        };
        let mut answer = Answer::new(work.form(), connection, packet_size, abandoned, send);
        apply_reset(&mut *session, reset, &mut answer);
        run(&mut *session, work, &mut answer);
        let failed = answer.has_failed();
        answer.finish();
        drop(packets);
        drop(counted);
        ended.send(Ended { failed }).ok();
    }
}

fn apply_reset<S: FnMut(Vec<u8>)>(
    session: &mut dyn Requests,
    reset: Reset,
    answer: &mut Answer<S>,
) {
    let all = match reset {
        Reset::No => return,
        Reset::All => true,
        // The session knows only the whole reset, which would end the transaction that is to be kept.
        Reset::KeepTransaction => session.transaction_descriptor() == 0,
    };
    if all {
        session.reset();
    }
    answer.add(tokens::session_reset);
}

fn run(session: &mut dyn Requests, work: Work, sink: &mut dyn Sink) {
    match work {
        Work::Run(Request::Batch(text)) => session.batch(&text, sink),
        Work::Run(Request::ExecuteSql { text, parameters }) => {
            session.execute_sql(&text, &parameters, sink);
        }
        Work::Run(Request::Procedure { name, parameters }) => {
            session.procedure(&name, &parameters, sink);
        }
        Work::Run(Request::Transaction(request)) => session.batch(statement_of(request), sink),
        Work::Run(
            Request::Prepare { .. }
            | Request::ExecutePrepared { .. }
            | Request::Unprepare(_)
            | Request::Reset,
        ) => sink.error(&SqlError::unsupported(
            "a handle that its connection has not resolved",
        )),
        Work::Prepare {
            text,
            handle,
            place,
            name,
        } => {
            if session.check(&text, sink) {
                sink.return_status(0);
                sink.return_value(&Returned {
                    place,
                    name: &name,
                    sql_type: SqlType::Int,
                    value: Value::Int(i64::from(handle)),
                });
            } else {
                sink.error(&SqlError::new(8180, "Statement(s) could not be prepared."));
            }
        }
        Work::Done => sink.return_status(0),
        Work::Fail {
            error, roll_back, ..
        } => {
            sink.error(&error);
            if roll_back && session.transaction_descriptor() != 0 {
                session.batch("ROLLBACK TRANSACTION", &mut EndOfTransaction(sink));
            }
        }
    }
}

fn statement_of(request: TransactionRequest) -> &'static str {
    match request {
        TransactionRequest::Begin => "BEGIN TRANSACTION",
        TransactionRequest::Commit { begin_next: false } => "COMMIT TRANSACTION",
        TransactionRequest::Commit { begin_next: true } => "COMMIT TRANSACTION; BEGIN TRANSACTION",
        TransactionRequest::Rollback { begin_next: false } => "ROLLBACK TRANSACTION",
        TransactionRequest::Rollback { begin_next: true } => {
            "ROLLBACK TRANSACTION; BEGIN TRANSACTION"
        }
    }
}

/// Lets through only that the transaction ended: the error before it is the answer.
struct EndOfTransaction<'a>(&'a mut dyn Sink);

impl Sink for EndOfTransaction<'_> {
    fn columns(&mut self, _: &[Column]) {}
    fn row(&mut self, _: &[Value]) {}
    fn done(&mut self, _: Option<u64>) {}
    fn error(&mut self, error: &SqlError) {
        self.0.error(error);
    }
    fn info(&mut self, _: &str) {}
    fn transaction_began(&mut self, _: u64) {}
    fn transaction_ended(&mut self, descriptor: u64, committed: bool) {
        self.0.transaction_ended(descriptor, committed);
    }
    fn database_changed(&mut self, _: &str, _: &str) {}
    fn return_status(&mut self, _: i32) {}
    fn return_value(&mut self, _: &Returned<'_>) {}
}
