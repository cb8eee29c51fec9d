//! What tiberius does not send: attention, resets, the transaction manager, procedures by name, small packets.

use std::sync::atomic::Ordering;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Server, scripted};
use crate::{
    faults::{Action, Trigger},
    tds::{
        login::tests::login_message,
        packets::{Assembler, Kind, Message, split},
    },
};

/// A client made by hand, for what tiberius does not send.
struct Raw {
    stream: TcpStream,
    assembler: Assembler,
}

const HEADERS: [u8; 22] = [
    22, 0, 0, 0, 18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
];

impl Raw {
    async fn log_in(server: &Server, packet_size: u32) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let mut raw = Self {
            stream,
            assembler: Assembler::default(),
        };
        raw.send(
            Kind::Login7,
            0,
            &login_message("SA", "Embedded-Only-1", "AltaworxCentral", packet_size),
        )
        .await;
        let answer = raw.answer().await;
        assert!(
            answer.payload.windows(2).any(|pair| pair == [0xAD, 0x30]),
            "a LOGINACK of the expected length"
        );
        raw
    }

    async fn send(&mut self, kind: Kind, status: u8, payload: &[u8]) {
        let mut packets = split(kind, 0, 4096, payload.to_vec());
        packets[1] |= status;
        self.stream.write_all(&packets).await.unwrap();
    }

    async fn batch(&mut self, status: u8, text: &str) {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.send(Kind::Batch, status, &[&HEADERS[..], &wide].concat())
            .await;
    }

    async fn answer(&mut self) -> Message {
        loop {
            if let Some(message) = self.assembler.next_message().unwrap() {
                return message;
            }
            let mut arrived = [0; 4096];
            let count = self.stream.read(&mut arrived).await.unwrap();
            assert_ne!(count, 0, "the server has hung up");
            self.assembler.feed(&arrived[..count]);
        }
    }
}

/// A DONE token with these status bits and no count, at the end of an answer.
fn ends_with_done(message: &Message, token: u8, status: u8) -> bool {
    message
        .payload
        .ends_with(&[token, status, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

#[tokio::test]
async fn an_attention_ends_the_answer_and_is_answered_in_a_message_of_its_own() {
    let (server, _) = scripted().await;
    let mut raw = Raw::log_in(&server, 512).await;
    raw.batch(0, "endless").await;
    raw.send(Kind::Attention, 0, &[]).await;
    assert!(ends_with_done(&raw.answer().await, 0xFD, 0));
    assert!(ends_with_done(&raw.answer().await, 0xFD, 0x20));
    raw.batch(0, "COMMIT TRANSACTION").await;
    assert!(ends_with_done(&raw.answer().await, 0xFD, 0));
}

#[tokio::test]
async fn an_attention_out_of_turn_is_answered() {
    let (server, _) = scripted().await;
    let mut raw = Raw::log_in(&server, 4096).await;
    raw.send(Kind::Attention, 0, &[]).await;
    assert!(ends_with_done(&raw.answer().await, 0xFD, 0x20));
    server.faults().add(Trigger::Nth(1), Action::Silence);
    raw.batch(0, "affect 1 1").await;
    raw.send(Kind::Attention, 0, &[]).await;
    assert!(ends_with_done(&raw.answer().await, 0xFD, 0));
    assert!(ends_with_done(&raw.answer().await, 0xFD, 0x20));
}

#[tokio::test]
async fn a_reset_connection_starts_anew() {
    let (server, seen) = scripted().await;
    let mut raw = Raw::log_in(&server, 4096).await;
    raw.batch(0x08, "affect 1 1").await;
    let answer = raw.answer().await;
    assert!(answer.payload.starts_with(&[0xE3, 3, 0, 18, 0, 0]));
    assert_eq!(seen.resets.load(Ordering::SeqCst), 1);
    // Asked to keep the transaction, it does.
    raw.batch(0, "BEGIN TRANSACTION").await;
    raw.answer().await;
    raw.batch(0x10, "descriptor").await;
    raw.answer().await;
    assert_eq!(seen.resets.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_transaction_manager_begins_and_ends_transactions() {
    let (server, seen) = scripted().await;
    let mut raw = Raw::log_in(&server, 4096).await;
    raw.send(
        Kind::TransactionManager,
        0,
        &[&HEADERS[..], &[5, 0, 0, 0]].concat(),
    )
    .await;
    let answer = raw.answer().await;
    assert!(
        answer
            .payload
            .starts_with(&[0xE3, 11, 0, 8, 8, 77, 0, 0, 0, 0, 0, 0, 0, 0])
    );
    raw.send(
        Kind::TransactionManager,
        0,
        &[&HEADERS[..], &[7, 0, 0, 0]].concat(),
    )
    .await;
    let answer = raw.answer().await;
    assert!(
        answer
            .payload
            .starts_with(&[0xE3, 11, 0, 9, 0, 8, 77, 0, 0, 0, 0, 0, 0, 0])
    );
    assert_eq!(
        *seen.requests.lock().unwrap(),
        ["BEGIN TRANSACTION", "COMMIT TRANSACTION"]
    );
    assert_eq!(server.faults().statements(), 0);
}

#[tokio::test]
async fn a_procedure_by_name_returns_its_status() {
    let (server, seen) = scripted().await;
    let mut raw = Raw::log_in(&server, 4096).await;
    let name: Vec<u8> = "dbo.P".encode_utf16().flat_map(u16::to_le_bytes).collect();
    raw.send(
        Kind::Rpc,
        0,
        &[&HEADERS[..], &[5, 0], &name, &[0, 0]].concat(),
    )
    .await;
    let answer = raw.answer().await;
    assert!(answer.payload.starts_with(&[0x79, 4, 0, 0, 0]));
    assert!(ends_with_done(&answer, 0xFE, 0));
    assert_eq!(*seen.requests.lock().unwrap(), ["procedure dbo.P"]);
}

#[tokio::test]
async fn what_is_not_known_is_refused_and_the_connection_stays() {
    let (server, _) = scripted().await;
    let mut raw = Raw::log_in(&server, 4096).await;
    raw.send(
        Kind::Rpc,
        0,
        &[&HEADERS[..], &[0xFF, 0xFF, 13, 0, 0, 0]].concat(),
    )
    .await;
    let answer = raw.answer().await;
    assert_eq!(answer.payload[0], 0xAA);
    assert_eq!(answer.payload[3..7], 40_000_u32.to_le_bytes());
    assert!(ends_with_done(&answer, 0xFD, 0x02));
    raw.batch(0, "COMMIT TRANSACTION").await;
    raw.answer().await;
}

#[tokio::test]
async fn packets_keep_to_the_agreed_size() {
    let (server, _) = scripted().await;
    let mut raw = Raw::log_in(&server, 600).await;
    raw.batch(0, "rows 500").await;
    let mut lengths = Vec::new();
    loop {
        let mut header = [0; 8];
        raw.stream.read_exact(&mut header).await.unwrap();
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        raw.stream
            .read_exact(&mut vec![0; length - 8])
            .await
            .unwrap();
        lengths.push(length);
        if header[1] & 1 == 1 {
            break;
        }
    }
    let (last, full) = lengths.split_last().unwrap();
    assert!(full.len() > 10 && full.iter().all(|length| *length == 600) && *last <= 600);
}

#[tokio::test]
async fn a_client_can_ask_for_the_reset_by_its_name() {
    let (server, seen) = scripted().await;
    let mut raw = Raw::log_in(&server, 4096).await;
    let wide: Vec<u8> = "sp_reset_connection"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let call = [&HEADERS[..], &[19, 0], &wide, &[0, 0]].concat();
    raw.send(Kind::Rpc, 0, &call).await;
    assert!(ends_with_done(&raw.answer().await, 0xFE, 0));
    assert_eq!(seen.resets.load(Ordering::SeqCst), 1);
    assert!(seen.requests.lock().unwrap().is_empty());
}

/// A parameter without a name, as sp_prepare and sp_execute take them.
fn int(flags: u8, number: i32) -> Vec<u8> {
    [&[0, flags, 0x26, 4, 4][..], &number.to_le_bytes()].concat()
}

fn text(text: &str) -> Vec<u8> {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u16::try_from(wide.len()).unwrap().to_le_bytes();
    [&[0, 0, 0xE7, 0x40, 0x1F, 0, 0, 0, 0, 0][..], &length, &wide].concat()
}

fn call(number: u8, parameters: &[Vec<u8>]) -> Vec<u8> {
    [
        &HEADERS[..],
        &[0xFF, 0xFF, number, 0, 0, 0],
        &parameters.concat(),
    ]
    .concat()
}

#[tokio::test]
async fn a_prepared_statement_is_executed_by_its_handle_until_it_is_given_back() {
    const PREPARE: u8 = 11;
    const EXECUTE: u8 = 12;
    const UNPREPARE: u8 = 15;
    let (server, seen) = scripted().await;
    let mut raw = Raw::log_in(&server, 4096).await;
    let prepare = call(
        PREPARE,
        &[int(1, 0), text("@a int"), text("echo"), int(0, 1)],
    );
    raw.send(Kind::Rpc, 0, &prepare).await;
    // The handle 1 as an int, then DONEPROC.
    let handle_then_end = [
        0x26, 4, 4, 1, 0, 0, 0, 0xFE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    assert!(raw.answer().await.payload.ends_with(&handle_then_end));
    assert!(seen.requests.lock().unwrap().is_empty(), "nothing has run");
    raw.send(Kind::Rpc, 0, &call(EXECUTE, &[int(0, 1), int(0, 77)]))
        .await;
    let answer = raw.answer().await;
    assert!(
        answer
            .payload
            .windows(6)
            .any(|row| row == [0xD1, 4, 77, 0, 0, 0])
    );
    assert_eq!(*seen.requests.lock().unwrap(), ["echo"]);
    raw.send(Kind::Rpc, 0, &call(UNPREPARE, &[int(0, 1)])).await;
    assert!(ends_with_done(&raw.answer().await, 0xFE, 0));
    raw.send(Kind::Rpc, 0, &call(EXECUTE, &[int(0, 1), int(0, 77)]))
        .await;
    let answer = raw.answer().await;
    let number = 8179_u32.to_le_bytes();
    assert!(answer.payload.windows(4).any(|bytes| bytes == number));
}
