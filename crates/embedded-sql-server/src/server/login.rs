//! The first part of a connection: packets in and out, encryption, and the login.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::{Shared, connection::End, transport::Transport};
use crate::{
    error::SqlError,
    faults::server_error,
    tds::{
        login::{self, Login},
        packets::{Assembler, Kind, Message, split},
        prelogin::{self, Encryption},
        reader::Malformed,
        tokens,
    },
};

/// Packets in and out.
pub(super) struct Wire<S> {
    pub(super) stream: Transport<S>,
    pub(super) assembler: Assembler,
    pub(super) number: u16,
    pub(super) packet_size: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// The next message. Nothing is lost when this is given up half-way.
    pub(super) async fn receive(&mut self) -> Result<Message, End> {
        loop {
            if let Some(message) = self.assembler.next_message()? {
                return Ok(message);
            }
            if self.stream.read_buf(self.assembler.room()).await? == 0 {
                return Err(if self.assembler.is_amid_message() {
                    io::Error::from(io::ErrorKind::UnexpectedEof).into()
                } else {
                    End::Gone
                });
            }
        }
    }

    async fn begin_tls(&mut self, acceptor: &TlsAcceptor) -> Result<(), End> {
        if self.assembler.is_amid_message() {
            return Err(Malformed::new("more than one message before the TLS handshake").into());
        }
        self.stream.begin_tls(acceptor).await.map_err(End::Tls)
    }

    pub(super) async fn answer(&mut self, tokens: Vec<u8>) -> Result<(), End> {
        let packets = split(Kind::Answer, self.number, self.packet_size, tokens);
        self.send(&packets).await
    }

    pub(super) async fn send(&mut self, packets: &[u8]) -> Result<(), End> {
        self.stream.write_all(packets).await?;
        self.stream.flush().await?;
        Ok(())
    }
}

/// Agrees about encryption and checks who connects.
pub(super) async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut Wire<S>,
    shared: &Shared,
) -> Result<Login, End> {
    let mut for_login_alone = false;
    loop {
        let message = wire.receive().await?;
        match message.kind {
            Kind::PreLogin => {
                let wanted = prelogin::client_encryption(&message.payload)?;
                wire.answer(prelogin::answer(wanted.agreed())).await?;
                if wanted.agreed() != Encryption::NotSupported {
                    wire.begin_tls(&shared.tls).await?;
                }
                for_login_alone = wanted.agreed() == Encryption::Off;
            }
            Kind::Login7 => {
                if std::mem::take(&mut for_login_alone) {
                    wire.stream.end_tls();
                }
                let login = login::read(&message.payload)?;
                return match refusal(&login, shared) {
                    errors if errors.is_empty() => {
                        // The answer itself still travels in packets of the first size.
                        wire.answer(tokens::login_succeeded(&login, &shared.database))
                            .await?;
                        wire.packet_size = login.packet_size;
                        tracing::debug!(?login, "logged in");
                        Ok(login)
                    }
                    errors => {
                        wire.answer(tokens::errors_only(&errors)).await?;
                        wire.stream.shutdown().await?;
                        Err(End::LoginRefused(
                            errors
                                .into_iter()
                                .map(|error| error.message)
                                .collect::<Vec<_>>()
                                .join(" "),
                        ))
                    }
                };
            }
            other => return Err(Malformed::new(format!("{other:?} before the login")).into()),
        }
    }
}

/// The errors that refuse this login; none when it is accepted.
fn refusal(login: &Login, shared: &Shared) -> Vec<SqlError> {
    let error = |number| server_error(number, &login.database, &login.user);
    if let Some(number) = shared.faults.login_error() {
        return vec![error(number)];
    }
    let catalog = shared.served.catalog();
    let principals = &catalog.principals;
    let is_owner = login.user.eq_ignore_ascii_case(&shared.user);
    let password = if is_owner {
        Some(shared.password.as_str())
    } else {
        principals.password(&login.user)
    };
    if password != Some(login.password.as_str()) {
        return vec![error(18_456)];
    }
    // A login without a user has no business in this database.
    if !is_owner && principals.user_of(&login.user).is_none() {
        return vec![error(4060), error(18_456)];
    }
    if !login.database.is_empty() && !login.database.eq_ignore_ascii_case(&shared.database) {
        return vec![error(4060), error(18_456)];
    }
    Vec::new()
}
