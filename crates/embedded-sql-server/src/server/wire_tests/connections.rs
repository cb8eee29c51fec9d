//! Logins, and what ends a connection.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Options, code, connect, connect_with, options, scripted, scripted_with, until};

#[tokio::test]
async fn wrong_passwords_and_users_are_18456() {
    let (server, _) = scripted().await;
    let right = server.connection_string();
    for wrong in [
        right.replace("Embedded-Only-1", "embedded-only-1"),
        right.replace("User Id=sa", "User Id=other"),
    ] {
        assert_eq!(code(&connect_with(&wrong).await.unwrap_err()), Some(18_456));
    }
}

#[tokio::test]
async fn an_unknown_database_is_4060_and_its_name_has_no_case() {
    let (server, _) = scripted().await;
    let right = server.connection_string();
    let error = connect_with(&right.replace("AltaworxCentral", "Other"))
        .await
        .unwrap_err();
    assert_eq!(code(&error), Some(4060));
    connect_with(&right.replace("AltaworxCentral", "altaworxcentral"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_client_that_wants_tls_has_it_for_its_login_or_for_everything() {
    let (server, _) = scripted().await;
    for encrypt in ["true", "false", "DANGER_PLAINTEXT"] {
        let wish = server
            .connection_string()
            .replace("DANGER_PLAINTEXT", encrypt);
        let mut client = connect_with(&wish).await.unwrap();
        let sent = client.execute("affect 1 1", &[]).await.unwrap();
        assert_eq!(sent.total(), 2, "{encrypt}");
        let rows = client.simple_query("rows 5000").await.unwrap();
        assert_eq!(rows.into_first_result().await.unwrap().len(), 5000);
        let wrong = wish.replace("Password=Embedded", "Password=Wrong");
        let error = connect_with(&wrong).await.unwrap_err();
        assert_eq!(code(&error), Some(18_456), "{encrypt}");
    }
}

#[tokio::test]
async fn a_certificate_is_not_trusted_unseen_unless_the_client_says_so() {
    let (server, _) = scripted().await;
    let careful = server
        .connection_string()
        .replace("DANGER_PLAINTEXT", "true")
        .replace(
            "TrustServerCertificate=true",
            "TrustServerCertificate=false",
        );
    assert!(connect_with(&careful).await.is_err());
    connect(&server).await;
}

#[tokio::test]
async fn a_login_that_never_comes_is_dropped() {
    let (server, _) = scripted_with(Options {
        login_within: Duration::from_millis(50),
        ..options()
    })
    .await;
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(silent.read(&mut [0; 10]).await.unwrap(), 0);
}

#[tokio::test]
async fn rubbish_ends_its_connection_and_no_other() {
    let (server, _) = scripted().await;
    let mut good = connect(&server).await;
    for rubbish in [
        &b"GET / HTTP/1.1\r\nHost: embedded\r\n\r\n"[..],
        &[1, 1, 0, 3, 0, 0, 0, 0],
        &[18, 1, 0, 9, 0, 0, 0, 0, 1],
    ] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(rubbish).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut rest = Vec::new();
        // An end or a reset, both are an end.
        stream.read_to_end(&mut rest).await.ok();
        assert!(rest.is_empty());
    }
    assert_eq!(good.execute("affect 1 1", &[]).await.unwrap().total(), 2);
}

#[tokio::test]
async fn a_panic_in_a_session_ends_its_connection_and_no_other() {
    let (server, _) = scripted().await;
    let mut good = connect(&server).await;
    let mut bad = connect(&server).await;
    assert!(bad.execute("panic", &[]).await.is_err());
    assert_eq!(good.execute("affect 1 1", &[]).await.unwrap().total(), 2);
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_session_along() {
    let (server, seen) = scripted().await;
    let client = connect(&server).await;
    drop(client);
    until(|| seen.dropped.load(Ordering::SeqCst) == 1).await;
    // In the middle of a statement too.
    let mut client = connect(&server).await;
    let mut stream = client.simple_query("endless").await.unwrap();
    stream.columns().await.unwrap();
    drop(stream);
    drop(client);
    until(|| seen.dropped.load(Ordering::SeqCst) == 2).await;
}

#[tokio::test]
async fn stopping_cuts_connections_and_ends_sessions() {
    let (server, seen) = scripted().await;
    let mut client = connect(&server).await;
    let address = server.address();
    server.stop().await;
    assert_eq!(seen.dropped.load(Ordering::SeqCst), 1);
    assert!(client.execute("affect 1 1", &[]).await.is_err());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn many_connections_work_side_by_side() {
    let (server, _) = scripted().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let text = server.connection_string();
        tasks.spawn(async move {
            let mut client = connect_with(&text).await.unwrap();
            for _ in 0..20 {
                assert_eq!(client.execute("affect 1 2", &[]).await.unwrap().total(), 3);
            }
        });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap();
    }
    assert_eq!(server.faults().statements(), 800);
}
