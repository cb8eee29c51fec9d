//! One connection, from its first packet to its last.

use std::{collections::VecDeque, io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    sync::watch,
    time::timeout,
};

use super::{
    Shared,
    login::{Wire, log_in},
    session_thread::{Running, SessionThread, Work},
    transport::Transport,
};
use crate::{
    error::SqlError,
    faults::{Action, server_error},
    tds::{
        answer::Form,
        packets::{Assembler, DEFAULT_PACKET_SIZE, Kind, Message, Reset},
        prepared::PreparedStatements,
        reader::Malformed,
        requests::{self, Request, RequestError},
        tokens,
    },
};

/// Errors of this class and above end the connection after they are answered.
const FATAL_CLASS: u8 = 20;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// The client has closed it.
    #[error("the client has gone")]
    Gone,
    /// The client closed it in the middle of a message, or the network did.
    #[error("the connection broke")]
    Broken(#[from] io::Error),
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("no login within {0:?}")]
    LoginTooSlow(Duration),
    #[error("the login was refused: {0}")]
    LoginRefused(String),
    #[error("the TLS handshake failed")]
    Tls(#[source] io::Error),
    #[error("cut, as asked for by a fault")]
    Fault,
    #[error("a panic in its session; see the lines before")]
    SessionPanicked,
    #[error("the error that was answered ends connections")]
    FatalError,
}

impl End {
    /// Whether this is no cause for a warning.
    pub(super) fn is_expected(&self) -> bool {
        matches!(
            self,
            Self::Gone | Self::Broken(_) | Self::Fault | Self::FatalError | Self::LoginRefused(_)
        )
    }
}

/// Serves a client until it leaves or is cut.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    number: u16,
    shared: &Shared,
) -> Result<(), End> {
    let mut cuts = shared.faults.cuts();
    let mut wire = Wire {
        stream: Transport::Plain(stream),
        assembler: Assembler::default(),
        number,
        packet_size: DEFAULT_PACKET_SIZE,
    };
    let login = tokio::select! {
        login = timeout(shared.login_within, log_in(&mut wire, shared)) => {
            login.map_err(|_| End::LoginTooSlow(shared.login_within))??
        }
        _ = cuts.changed() => return Err(End::Fault),
    };
    let session = SessionThread::start(
        number,
        (shared.open)(&login.user),
        shared.alive.clone(),
        shared.running.clone(),
    )?;
    let mut connection = Connection {
        wire,
        cuts,
        session,
        early: VecDeque::new(),
        prepared: PreparedStatements::default(),
        shared,
    };
    match connection.requests().await {
        Err(End::Gone) => Ok(()),
        Err(end) => Err(end),
        Ok(never) => match never {},
    }
}

/// A client that is logged in.
struct Connection<'a, S> {
    wire: Wire<S>,
    cuts: watch::Receiver<u64>,
    session: SessionThread,
    /// Requests that came before the one at hand was answered.
    early: VecDeque<Message>,
    prepared: PreparedStatements,
    shared: &'a Shared,
}

/// How waiting for something else than the client ended.
enum Waited {
    Enough,
    Attention,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<'_, S> {
    async fn requests(&mut self) -> Result<std::convert::Infallible, End> {
        loop {
            let message = match self.early.pop_front() {
                Some(message) => message,
                None => self.receive().await?,
            };
            if message.kind == Kind::Attention {
                self.wire.answer(tokens::attention_acknowledged()).await?;
            } else {
                self.request(&message).await?;
            }
        }
    }

    async fn receive(&mut self) -> Result<Message, End> {
        tokio::select! {
            message = self.wire.receive() => message,
            _ = self.cuts.changed() => Err(End::Fault),
        }
    }

    async fn request(&mut self, message: &Message) -> Result<(), End> {
        let request = match requests::read(message) {
            Ok(request) => request,
            Err(RequestError::Malformed(malformed)) => return Err(malformed.into()),
            Err(RequestError::Refused(error)) => {
                return self.wire.answer(tokens::errors_only(&[error])).await;
            }
        };
        if message.reset != Reset::No {
            self.prepared.clear();
        }
        let request = match request {
            Request::Prepare {
                place,
                name,
                declared,
                text,
            } => {
                let work = Work::Prepare {
                    handle: self.prepared.keep(&text, &declared),
                    text,
                    place,
                    name,
                };
                return self.run(work, message).await;
            }
            Request::Reset => {
                self.prepared.clear();
                let reset = Message {
                    reset: Reset::All,
                    ..message.clone()
                };
                return self.run(Work::Done, &reset).await;
            }
            Request::Unprepare(handle) => match self.prepared.forget(handle) {
                Ok(()) => return self.run(Work::Done, message).await,
                Err(error) => return self.refuse(error, message).await,
            },
            Request::ExecutePrepared { handle, given } => {
                match self.prepared.execution(handle, given) {
                    Ok(execution) => execution,
                    Err(error) => return self.refuse(error, message).await,
                }
            }
            other => other,
        };
        let Some(statement) = request.statement() else {
            return self.run(Work::Run(request), message).await;
        };
        self.shared.interrupted.asked(self.wire.number, statement);
        match self.shared.faults.next(statement) {
            None => self.run(Work::Run(request), message).await,
            Some(action) => {
                self.shared.interrupted.mark(self.wire.number);
                self.strike(action, request, message).await
            }
        }
    }

    /// Lets a fault happen to a statement.
    async fn strike(
        &mut self,
        action: Action,
        request: Request,
        message: &Message,
    ) -> Result<(), End> {
        match action {
            Action::DropBefore => Err(End::Fault),
            Action::DropAfter => {
                self.run_withheld(request, message).await?;
                Err(End::Fault)
            }
            Action::DropMidway => {
                if let Some(first) = self.run_withheld(request, message).await?.first() {
                    self.wire.send(first).await?;
                }
                Err(End::Fault)
            }
            Action::DropWithin { bytes } => {
                let answer = self.run_withheld(request, message).await?.concat();
                self.wire
                    .send(answer.get(..bytes).unwrap_or(&answer))
                    .await?;
                Err(End::Fault)
            }
            Action::Silence => self.keep_silent().await,
            Action::SilenceAfter => {
                self.run_withheld(request, message).await?;
                self.keep_silent().await
            }
            Action::Delay(delay) => match self.wait(tokio::time::sleep(delay)).await? {
                Waited::Enough => self.run(Work::Run(request), message).await,
                Waited::Attention => self.given_up().await,
            },
            Action::DelayAfter(delay) => {
                let answer = self.run_withheld(request, message).await?;
                match self.wait(tokio::time::sleep(delay)).await? {
                    Waited::Enough => Ok(self.wire.send(&answer.concat()).await?),
                    Waited::Attention => self.given_up().await,
                }
            }
            Action::Error { number } => self.fail(number, form_of(&request), message).await,
            Action::ErrorAfter { number } => {
                let form = form_of(&request);
                self.run_withheld(request, message).await?;
                self.fail(number, form, message).await
            }
        }
    }

    async fn fail(&mut self, number: i32, form: Form, message: &Message) -> Result<(), End> {
        let error = server_error(number, &self.shared.database, &self.shared.user);
        let fatal = error.class >= FATAL_CLASS;
        self.run(
            Work::Fail {
                error,
                roll_back: number == 1205,
                form,
            },
            message,
        )
        .await?;
        if fatal {
            self.wire.stream.shutdown().await?;
            return Err(End::FatalError);
        }
        Ok(())
    }

    /// Answers a call with an error, without running anything.
    async fn refuse(&mut self, error: SqlError, message: &Message) -> Result<(), End> {
        let work = Work::Fail {
            error,
            roll_back: false,
            form: Form::Procedure,
        };
        self.run(work, message).await
    }

    /// Runs a request and sends the answer as it comes.
    async fn run(&mut self, work: Work, message: &Message) -> Result<(), End> {
        let mut running = self
            .session
            .begin(work, message.reset, self.wire.packet_size);
        let mut attention = false;
        loop {
            tokio::select! {
                packets = running.packets.recv() => match packets {
                    Some(packets) => self.wire.send(&packets).await?,
                    None => break,
                },
                message = self.wire.receive() => {
                    let message = message?;
                    if message.kind == Kind::Attention {
                        attention = true;
                        self.session.cancel(&running);
                    } else {
                        self.early.push_back(message);
                    }
                }
                _ = self.cuts.changed() => return Err(End::Fault),
            }
        }
        let ended = running.ended.await.map_err(|_| End::SessionPanicked)?;
        if ended.failed {
            self.shared.interrupted.mark(self.wire.number);
        }
        if attention {
            self.wire.answer(tokens::attention_acknowledged()).await?;
        }
        Ok(())
    }

    /// Runs a request to its end and keeps the answer back, in its parts.
    async fn run_withheld(
        &mut self,
        request: Request,
        message: &Message,
    ) -> Result<Vec<Vec<u8>>, End> {
        let Running {
            mut packets, ended, ..
        } = self
            .session
            .begin(Work::Run(request), message.reset, self.wire.packet_size);
        let mut answer = Vec::new();
        while let Some(part) = packets.recv().await {
            answer.push(part);
        }
        ended.await.map_err(|_| End::SessionPanicked)?;
        Ok(answer)
    }

    /// Ends a request that the client gave up before anything of its answer was sent: its answer, then that of the signal.
    async fn given_up(&mut self) -> Result<(), End> {
        self.wire.answer(tokens::nothing()).await?;
        self.wire.answer(tokens::attention_acknowledged()).await
    }

    /// Answers nothing until the client cancels or leaves.
    async fn keep_silent(&mut self) -> Result<(), End> {
        match self.wait(std::future::pending()).await? {
            Waited::Enough => Ok(()),
            Waited::Attention => self.given_up().await,
        }
    }

    /// Waits, and meanwhile listens for an attention signal and for the end of the connection.
    async fn wait(&mut self, enough: impl Future<Output = ()>) -> Result<Waited, End> {
        tokio::pin!(enough);
        loop {
            tokio::select! {
                () = &mut enough => return Ok(Waited::Enough),
                message = self.wire.receive() => {
                    let message = message?;
                    if message.kind == Kind::Attention {
                        return Ok(Waited::Attention);
                    }
                    self.early.push_back(message);
                }
                _ = self.cuts.changed() => return Err(End::Fault),
            }
        }
    }
}

/// What form the answer to a request has.
fn form_of(request: &Request) -> Form {
    match request {
        Request::Batch(_) | Request::Transaction(_) => Form::Batch,
        _ => Form::Procedure,
    }
}
