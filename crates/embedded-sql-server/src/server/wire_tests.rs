//! The wire as tiberius and a hand-made client see it, with a session that echoes or follows a script.

mod answers;
mod by_hand;
mod connections;
mod faults;
mod values;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tiberius::{Client, Config};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::{Options, Server, session_thread::Requests};
use crate::{
    database::{Database, Storage},
    error::SqlError,
    sink::Sink,
    value::{Column, Length, Parameter, SqlType, Value},
};

type Tiberius = Client<Compat<TcpStream>>;

/// What the scripted sessions of a server have been asked.
#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    resets: AtomicUsize,
    dropped: AtomicUsize,
}

/// Answers parameters with a row of them, and a few words with what they say.
struct Script {
    seen: Arc<Seen>,
    cancel: Arc<AtomicBool>,
    transaction: u64,
}

impl Drop for Script {
    fn drop(&mut self) {
        self.seen.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

fn column(name: &str, sql_type: SqlType) -> Column {
    Column {
        name: name.to_owned(),
        sql_type,
        nullable: true,
    }
}

impl Requests for Script {
    fn batch(&mut self, text: &str, sink: &mut dyn Sink) {
        self.seen.requests.lock().unwrap().push(text.to_owned());
        let int = [column("n", SqlType::Int)];
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            ["two", "sets"] => {
                for number in 1..=2 {
                    sink.columns(&int);
                    sink.row(&[Value::Int(number)]);
                    sink.done(Some(1));
                }
            }
            ["rows", count] => {
                sink.columns(&[
                    column("n", SqlType::Int),
                    column("t", SqlType::NVarChar(Length::Limited(100))),
                ]);
                let count = count.parse().unwrap();
                for number in 0..count {
                    sink.row(&[Value::Int(number), Value::Text(format!("row {number}"))]);
                }
                sink.done(Some(count.cast_unsigned()));
            }
            ["endless"] => {
                sink.columns(&int);
                while !self.cancel.load(Ordering::SeqCst) {
                    sink.row(&[Value::Int(1)]);
                    std::thread::sleep(Duration::from_micros(10));
                }
                self.cancel.store(false, Ordering::SeqCst);
            }
            ["wrong", "row"] => {
                sink.columns(&int);
                sink.row(&[Value::Int(1)]);
                sink.row(&[Value::Int(i64::MAX)]);
                sink.row(&[Value::Int(2)]);
                sink.done(Some(3));
            }
            ["panic"] => panic!("as the test wants"),
            ["affect", first, second] => {
                sink.done(Some(first.parse().unwrap()));
                sink.done(None);
                sink.info("between");
                sink.done(Some(second.parse().unwrap()));
            }
            ["fail", number] => {
                sink.done(Some(1));
                sink.error(&SqlError {
                    number: number.parse().unwrap(),
                    state: 3,
                    class: 14,
                    message: "what went wrong: ä".into(),
                    line: 7,
                    procedure: "dbo.P".into(),
                });
            }
            ["BEGIN", "TRANSACTION"] => {
                self.transaction = 77;
                sink.transaction_began(77);
                sink.done(None);
            }
            ["COMMIT" | "ROLLBACK", "TRANSACTION"] => {
                self.transaction = 0;
                sink.transaction_ended(77, text.starts_with("COMMIT"));
                sink.done(None);
            }
            ["descriptor"] => {
                sink.columns(&[column("d", SqlType::BigInt)]);
                sink.row(&[Value::Int(self.transaction.cast_signed())]);
                sink.done(Some(1));
            }
            _ => {}
        }
    }

    fn execute_sql(&mut self, text: &str, parameters: &[Parameter], sink: &mut dyn Sink) {
        if parameters.is_empty() {
            self.batch(text, sink);
        } else {
            self.seen.requests.lock().unwrap().push(text.to_owned());
            let columns: Vec<_> = parameters
                .iter()
                .map(|parameter| column(&parameter.name, parameter.sql_type))
                .collect();
            let values: Vec<_> = parameters
                .iter()
                .map(|parameter| parameter.value.clone())
                .collect();
            sink.columns(&columns);
            sink.row(&values);
            sink.done(Some(1));
        }
        sink.return_status(0);
    }

    fn procedure(&mut self, name: &str, _: &[Parameter], sink: &mut dyn Sink) {
        self.seen
            .requests
            .lock()
            .unwrap()
            .push(format!("procedure {name}"));
        sink.return_status(4);
    }

    fn check(&mut self, _: &str, _: &mut dyn Sink) -> bool {
        true
    }

    fn reset(&mut self) {
        self.transaction = 0;
        self.seen.resets.fetch_add(1, Ordering::SeqCst);
    }

    fn transaction_descriptor(&self) -> u64 {
        self.transaction
    }

    fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancel)
    }
}

fn options() -> Options {
    Options::new(Database::open(&Storage::Memory, "AltaworxCentral").unwrap())
}

async fn scripted_with(options: Options) -> (Server, Arc<Seen>) {
    let seen = Arc::<Seen>::default();
    let shown = Arc::clone(&seen);
    let open = move |_: &str| -> Box<dyn Requests + Send> {
        Box::new(Script {
            seen: Arc::clone(&seen),
            cancel: Arc::default(),
            transaction: 0,
        })
    };
    (
        Server::start_with(options, Box::new(open)).await.unwrap(),
        shown,
    )
}

async fn scripted() -> (Server, Arc<Seen>) {
    scripted_with(options()).await
}

async fn connect_with(text: &str) -> tiberius::Result<Tiberius> {
    let config = Config::from_ado_string(text)?;
    let stream = TcpStream::connect(config.get_addr()).await?;
    Client::connect(config, stream.compat_write()).await
}

async fn connect(server: &Server) -> Tiberius {
    connect_with(&server.connection_string()).await.unwrap()
}

fn code(error: &tiberius::error::Error) -> Option<u32> {
    error.code()
}

async fn until(condition: impl Fn() -> bool) {
    tokio::time::timeout(Duration::from_secs(20), async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await
    .expect("the condition comes true");
}
