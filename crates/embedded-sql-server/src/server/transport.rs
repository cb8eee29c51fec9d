//! The stream of a connection: plain, or with TLS, whose handshake TDS carries within packets of its own.
//!
//! TLS is for clients that want it: the server makes a certificate at its start that nobody can check.
//! TLS 1.2 only: 1.3 sends tickets after the handshake, when the client no longer expects them within packets.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{self, ServerConfig, pki_types::PrivateKeyDer},
    server::TlsStream,
};

use crate::tds::packets::{DEFAULT_PACKET_SIZE, HEADER, Kind, split};

/// Makes a certificate, and what is needed to accept clients with it. The certificate comes in DER.
///
/// # Errors
/// The machine gives no random numbers, or the like.
pub(super) fn acceptor() -> io::Result<(TlsAcceptor, Vec<u8>)> {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    // Named here, so that no other crate's choice of a provider matters.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(vec![certified.cert.der().clone()], key)
        })
        .map_err(io::Error::other)?;
    let der = certified.cert.der().to_vec();
    Ok((TlsAcceptor::from(Arc::new(config)), der))
}

/// Where bytes come from and go to.
pub(super) enum Transport<S> {
    Plain(S),
    Tls(Box<TlsStream<HandshakePackets<S>>>),
    /// After a handshake that failed.
    Closed,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Transport<S> {
    /// Shakes hands with a client that has just been told to begin.
    pub(super) async fn begin_tls(&mut self, acceptor: &TlsAcceptor) -> io::Result<()> {
        *self = match std::mem::replace(self, Self::Closed) {
            Self::Plain(stream) => {
                let mut stream = acceptor.accept(HandshakePackets::new(stream)).await?;
                stream.get_mut().0.within_packets = false;
                Self::Tls(Box::new(stream))
            }
            other => other,
        };
        Ok(())
    }

    /// Goes on without TLS, as a client that wanted it for its login alone does.
    pub(super) fn end_tls(&mut self) {
        *self = match std::mem::replace(self, Self::Closed) {
            Self::Tls(stream) => Self::Plain(stream.into_inner().0.stream),
            other => other,
        };
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Transport<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
            // The end of the stream.
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Transport<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Closed => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
}

/// Takes the records of a handshake out of PRELOGIN packets and puts them into such.
pub(super) struct HandshakePackets<S> {
    stream: S,
    within_packets: bool,
    header: [u8; HEADER],
    /// Bytes of the header that are there.
    header_read: usize,
    /// Bytes of the packet that are still to come.
    left: usize,
    /// Written and not yet flushed.
    gathered: Vec<u8>,
    /// In packets and not yet with the stream.
    outgoing: Vec<u8>,
}

impl<S> HandshakePackets<S> {
    fn new(stream: S) -> Self {
        Self {
            stream,
            within_packets: true,
            header: [0; HEADER],
            header_read: 0,
            left: 0,
            gathered: Vec::new(),
            outgoing: Vec::new(),
        }
    }

    /// The length of the packet whose header is there.
    fn announced(&self) -> io::Result<usize> {
        let [kind, _, high, low, ..] = self.header;
        usize::from(u16::from_be_bytes([high, low]))
            .checked_sub(HEADER)
            .filter(|length| *length > 0 && Kind::from_byte(kind) == Kind::PreLogin)
            .ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, "no packet of a TLS handshake")
            })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HandshakePackets<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.within_packets {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        while this.left == 0 {
            let mut header =
                ReadBuf::new(this.header.get_mut(this.header_read..).unwrap_or_default());
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut header))?;
            let count = header.filled().len();
            if count == 0 {
                return Poll::Ready(Ok(()));
            }
            this.header_read += count;
            if this.header_read == HEADER {
                this.left = this.announced()?;
                this.header_read = 0;
            }
        }
        let most = this.left.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(Pin::new(&mut this.stream).poll_read(context, &mut part))?;
        let count = part.filled().len();
        this.left -= count;
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HandshakePackets<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if !this.within_packets {
            return Pin::new(&mut this.stream).poll_write(context, bytes);
        }
        this.gathered.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.gathered.is_empty() {
            let gathered = std::mem::take(&mut this.gathered);
            this.outgoing
                .extend(split(Kind::PreLogin, 0, DEFAULT_PACKET_SIZE, gathered));
        }
        while !this.outgoing.is_empty() {
            let count = ready!(Pin::new(&mut this.stream).poll_write(context, &this.outgoing))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.outgoing.drain(..count);
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
