//! The functions' port on [::1] too, where `cargo lambda invoke` calls when it is told nothing. cargo lambda itself listens on one
//! address, and the one that would include both, `::`, includes every network that this machine is in.

use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Carries connections. Dropping it ends it.
pub(super) struct BothLoopbacks(JoinHandle<()>);

impl BothLoopbacks {
    /// None on a machine without IPv6, where nobody asks at that address.
    pub(super) async fn carry(port: u16) -> Option<Self> {
        let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok()?;
        Some(Self(tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    if let Ok(mut function) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await
                    {
                        // Either end may go as it likes.
                        let _ = copy_bidirectional(&mut client, &mut function).await;
                    }
                });
            }
        })))
    }
}

impl Drop for BothLoopbacks {
    fn drop(&mut self) {
        self.0.abort();
    }
}
