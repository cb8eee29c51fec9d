//! The network between the browser and the API, which can be cut.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// Passes every connection on to an address, as long as it is whole.
pub struct Wire {
    address: String,
    whole: watch::Sender<bool>,
    refused: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Wire {
    /// A whole wire to `url` (`http://127.0.0.1:<port>`).
    pub async fn to(url: &str) -> Self {
        let target = url.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (whole, _) = watch::channel(true);
        let refused = Arc::new(AtomicUsize::new(0));
        let server = tokio::spawn(serve(listener, target, whole.clone(), Arc::clone(&refused)));
        Self {
            address,
            whole,
            refused,
            server,
        }
    }

    /// The near end.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Ends every connection, and each new one at once, until it is mended. When it returns, nothing gets through any more.
    pub async fn cut(&self) {
        self.whole.send_replace(false);
        // Each connection holds a receiver while it lasts.
        while self.whole.receiver_count() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }

    /// How many connections were tried while it was cut.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(
    listener: TcpListener,
    target: String,
    whole: watch::Sender<bool>,
    refused: Arc<AtomicUsize>,
) {
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut state = whole.subscribe();
        if !*state.borrow() {
            refused.fetch_add(1, Ordering::SeqCst);
            continue;
        }
        let target = target.clone();
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(&target).await else {
                return;
            };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = state.wait_for(|whole| !whole) => {}
            }
        });
    }
}
