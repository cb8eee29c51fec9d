//! The network between the browser and the API, which can be cut.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// Passes every connection on to an address, as long as it is whole.
pub struct Wire {
    address: String,
    whole: watch::Sender<bool>,
    mute: Arc<AtomicBool>,
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
        let mute = Arc::new(AtomicBool::new(false));
        let server = tokio::spawn(serve(
            listener,
            target,
            whole.clone(),
            Arc::clone(&mute),
            Arc::clone(&refused),
        ));
        Self {
            address,
            whole,
            mute,
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

    /// Lets requests through and loses what is answered, until it is mended.
    pub fn lose_answers(&self) {
        self.mute.store(true, Ordering::SeqCst);
    }

    /// Lets connections and answers through again.
    pub fn mend(&self) {
        self.mute.store(false, Ordering::SeqCst);
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
    mute: Arc<AtomicBool>,
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
        let mute = Arc::clone(&mute);
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(&target).await else {
                return;
            };
            let (mut asked, answered) = near.split();
            let (answers, mut asks) = far.split();
            tokio::select! {
                _ = copy(&mut asked, &mut asks) => {}
                _ = pass_answers(answers, answered, &mute) => {}
                _ = state.wait_for(|whole| !whole) => {}
            }
        });
    }
}

/// Passes on what is answered, unless it is to be lost.
async fn pass_answers(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mute: &AtomicBool,
) -> std::io::Result<()> {
    let mut part = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut part).await?;
        if length == 0 {
            return Ok(());
        }
        if !mute.load(Ordering::SeqCst) {
            to.write_all(&part[..length]).await?;
        }
    }
}
