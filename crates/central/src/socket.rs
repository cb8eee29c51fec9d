//! Whether the other side has closed a connection that nobody uses: a look at the socket, no round trip.

use std::{
    io,
    net::TcpStream,
    sync::{Arc, Mutex, PoisonError},
};

/// A second handle of a connection's socket. The driver hides its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Socket(Arc<Mutex<Option<TcpStream>>>);

impl Socket {
    /// Takes a handle while the driver connects; after a redirection the later one counts.
    pub(crate) fn remember(&self, stream: &tokio::net::TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let handle: TcpStream = socket2::SockRef::from(stream).try_clone()?.into();
        handle.set_nonblocking(true)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
        Ok(())
    }

    /// Whether the connection is open and nothing has come in: between statements a server has nothing to say but farewell.
    pub(crate) fn is_quiet(&self) -> bool {
        let handle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        handle.as_ref().is_some_and(|stream| {
            stream
                .peek(&mut [0])
                .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn a_connection_is_quiet_until_the_other_side_closes_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (theirs, _) = listener.accept().await.unwrap();
        let socket = Socket::default();
        assert!(!socket.is_quiet());
        socket.remember(&ours).unwrap();
        assert!(socket.is_quiet());
        drop(theirs);
        while socket.is_quiet() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
