//! The receiver of notices.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use axum::{Json, http::StatusCode, routing::post};
use serde_json::Value;
use tokio::net::TcpListener;

/// AMOP 2.0: keeps what it is told.
pub struct Amop {
    url: String,
    told: Arc<Mutex<Vec<Value>>>,
    away: Arc<AtomicBool>,
    posts: Arc<AtomicUsize>,
}

impl Amop {
    /// Begins to listen.
    pub async fn start() -> Self {
        let told: Arc<Mutex<Vec<Value>>> = Arc::default();
        let (away, posts): (Arc<AtomicBool>, Arc<AtomicUsize>) = Default::default();
        let (keep, closed, counted) = (Arc::clone(&told), Arc::clone(&away), Arc::clone(&posts));
        let take = move |Json(body): Json<Value>| {
            let (keep, closed) = (Arc::clone(&keep), Arc::clone(&closed));
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                if closed.load(Ordering::SeqCst) {
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
                keep.lock().unwrap().push(body);
                StatusCode::OK
            }
        };
        let router = axum::Router::new().route("/sync", post(take));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sync", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            told,
            away,
            posts,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers 503 from now on and takes nothing, or takes notices again.
    pub fn be_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// How many posts came, those that it did not take included.
    #[must_use]
    pub fn posts(&self) -> usize {
        self.posts.load(Ordering::SeqCst)
    }

    /// Everything that it was told.
    #[must_use]
    pub fn told(&self) -> Vec<Value> {
        self.told.lock().unwrap().clone()
    }
}
