//! The server: axum's router on connections of our own, because an answer may be that there is none.

use std::{convert::Infallible, io};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, task::JoinSet};
use tower::ServiceExt;

use super::answer::HangUp;

/// Serves until it is dropped; every connection ends with it.
pub(super) async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // A small answer must not wait for another to travel with.
                    let _ = stream.set_nodelay(true);
                    let router = router.clone();
                    connections.spawn(async move {
                        let service = service_fn(move |request| respond(router.clone(), request));
                        let connection = http1::Builder::new()
                            .timer(TokioTimer::new())
                            .serve_connection(TokioIo::new(stream), service);
                        // It ends in an error when it was closed on purpose, or by the caller; both are usual here.
                        let _ = connection.await;
                    });
                }
                Err(error) => {
                    // Out of file handles, for example: the next one may do.
                    tracing::warn!(%error, "connection not accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// An error here makes hyper close the connection without an answer.
async fn respond(router: Router, request: Request<Incoming>) -> Result<Response, io::Error> {
    let answered: Result<Response, Infallible> = router.oneshot(request.map(Body::new)).await;
    let Ok(response) = answered;
    if response.extensions().get::<HangUp>().is_some() {
        return Err(io::Error::other("closed on purpose"));
    }
    Ok(response)
}
