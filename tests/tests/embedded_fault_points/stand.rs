//! Who comes first to a fault point stands still there, until it is told to go on; whoever comes after it passes.

use std::{
    sync::{Mutex, mpsc},
    time::Duration,
};

use tokio::sync::oneshot;

/// A test whose standing one was never told to go on fails after so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A point at which somebody stands, or will.
pub struct Standing {
    point: &'static str,
    reached: oneshot::Receiver<()>,
    go: mpsc::Sender<()>,
}

impl Standing {
    /// From here on the first to come to this point stands there.
    pub fn at(point: &'static str) -> Self {
        let (reaching, reached) = oneshot::channel();
        let (go, told) = mpsc::channel();
        let first = Mutex::new(Some((reaching, told)));
        fail::cfg_callback(point, move || {
            let first = first.lock().unwrap().take();
            if let Some((reaching, told)) = first {
                reaching.send(()).unwrap();
                // What this thread of the runtime has still to do is done by another one.
                tokio::task::block_in_place(|| told.recv_timeout(PATIENCE).unwrap());
            }
        })
        .unwrap();
        Self { point, reached, go }
    }

    /// Waits until it stands there.
    pub async fn reached(&mut self) {
        tokio::time::timeout(PATIENCE, &mut self.reached)
            .await
            .unwrap_or_else(|_| panic!("nobody came to {}", self.point))
            .unwrap();
    }

    /// Lets it go on.
    pub fn go_on(self) {
        self.go.send(()).unwrap();
        fail::remove(self.point);
    }
}
