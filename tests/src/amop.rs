//! The receiver of notices.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::net::TcpListener;

/// AMOP 2.0: keeps what it is told.
pub struct Amop {
    url: String,
    told: Arc<Mutex<Vec<Value>>>,
}

impl Amop {
    /// Begins to listen.
    pub async fn start() -> Self {
        let told: Arc<Mutex<Vec<Value>>> = Arc::default();
        let keep = Arc::clone(&told);
        let router = axum::Router::new().route(
            "/sync",
            axum::routing::post(move |body: axum::Json<Value>| {
                keep.lock().unwrap().push(body.0);
                async {}
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sync", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, told }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything that it was told.
    #[must_use]
    pub fn told(&self) -> Vec<Value> {
        self.told.lock().unwrap().clone()
    }
}
