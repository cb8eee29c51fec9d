//! The stand-in as a value: started, asked and told from the same process.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    accounts::{FakeAccount, fake_accounts},
    admin,
    books::{Books, CallRecord},
    calls,
    fault::Fault,
    ledger::Line,
    rule::{Call, Rule},
    serve::serve,
};

/// How a stand-in behaves from its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// On this machine only; 0 takes a free one.
    pub port: u16,
    /// Calls of an account in any 60 s of the stand-in's clock, 429 beyond it; Rev.io's is 500. None: no limit.
    pub limit_per_minute: Option<usize>,
    /// Real time that every answer takes.
    pub latency: Duration,
    /// Of all chance.
    pub seed: u64,
    /// Who may sign in.
    pub accounts: Vec<FakeAccount>,
    /// Customers beside 1001 to 1006.
    pub customers: Vec<i64>,
    /// Products beside 11 to 30.
    pub products: Vec<i64>,
    /// How long a token lasts on the stand-in's clock.
    pub token_seconds: u32,
    /// Whether a second request with the same `Idempotency-Key` is answered with the first one's line. Rev.io documents
    /// nothing of the kind.
    pub honour_idempotency_key: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            limit_per_minute: None,
            latency: Duration::ZERO,
            seed: 1,
            accounts: fake_accounts(),
            customers: Vec::new(),
            products: Vec::new(),
            token_seconds: 3600,
            honour_idempotency_key: false,
        }
    }
}

/// What handlers and the handle share.
pub(super) struct Shared {
    books: Mutex<Books>,
}

impl Shared {
    /// Held for no longer than it takes to look or to write; never while waiting.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running stand-in; it ends, with all its connections, when it is dropped.
pub struct RevStandIn {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl RevStandIn {
    /// Starts one on 127.0.0.1. An error is that of the port: in use, or not ours to take.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            books: Mutex::new(Books::new(options)),
        });
        let router = calls::routes()
            .merge(admin::routes())
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(serve(listener, router));
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every line that it holds, shown in look-ups or not, in the order in which they were opened.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let mut books = self.shared.books();
        books.now();
        books.ledger.lines().to_vec()
    }

    /// How many lines were opened with this `Idempotency-Key`.
    #[must_use]
    pub fn creates_of(&self, reference: &str) -> usize {
        let mut books = self.shared.books();
        books.now();
        books.ledger.of_reference(reference).count()
    }

    /// How many lines were opened for this number.
    #[must_use]
    pub fn creates_of_number(&self, number: &str) -> usize {
        let mut books = self.shared.books();
        books.now();
        books.ledger.creates_of_number(number)
    }

    /// Orders that will be carried out when the clock has come so far ([`Fault::late`]).
    #[must_use]
    pub fn still_to_come(&self) -> usize {
        let mut books = self.shared.books();
        books.now();
        books.ledger.still_to_come()
    }

    /// Puts a line in as if somebody else had opened it; an id of 0 is replaced by the next one.
    pub fn put_line(&self, line: Line) {
        self.shared.books().ledger.put(line);
    }

    /// From now on a customer exists with this status.
    pub fn put_customer(&self, id: i64, status: &str) {
        self.shared.books().customers.insert(id, status.to_owned());
    }

    /// Adds a rule behind those that are there.
    pub fn fault(&self, rule: Rule) {
        self.shared.books().faults.add(rule);
    }

    /// Adds one rule for each fault, each for the next call of this kind, in order.
    pub fn script(&self, call: super::Call, faults: impl IntoIterator<Item = Fault>) {
        let mut books = self.shared.books();
        for fault in faults {
            books.faults.add(Rule::once(call, fault));
        }
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        self.shared.books().clear_faults();
    }

    /// The answers that are held back go out ([`Fault::hold`]).
    pub fn let_go(&self) {
        self.shared.books().held.send_replace(());
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut books = self.shared.books();
        books.clock.advance(by);
        books.now();
    }

    /// Stops the clock at what it shows; [`Self::advance`] still moves it.
    pub fn freeze(&self) {
        self.shared.books().clock.freeze();
    }

    /// The stand-in's time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.shared.books().now()
    }

    /// Every call that arrived, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.shared.books().calls.clone()
    }

    /// How many calls of this kind arrived.
    #[must_use]
    pub fn called(&self, call: Call) -> usize {
        let books = self.shared.books();
        books.calls.iter().filter(|one| one.call == call).count()
    }

    /// No token that was handed out is good any more.
    pub fn revoke_tokens(&self) {
        self.shared.books().tokens.revoke();
    }

    /// Another latency from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.books().options.latency = latency;
    }

    /// As it was at its start: no lines, calls, faults or tokens, and the real time.
    pub fn reset(&self) {
        let mut books = self.shared.books();
        let options = books.options.clone();
        *books = Books::new(options);
    }
}

impl Drop for RevStandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}
