//! An answer of Rev.io, whatever it is: its class is the one of the table in docs/decisions/0021, worked out here a second time.
//!
//! An input is text, so that a person can read and write the corpus: the call, the status and `whole` or `cut` on the first line,
//! then headers, an empty line and the body. `cut` is an answer that broke off or was too large.

use std::time::{Duration, SystemTime};

use association::ids::RevCustomerId;
use http::{HeaderMap, HeaderName, HeaderValue};
use rev::{Call, Class, Received, classify, contract};
use serde_json::Value;

use crate::{settling::assert_settled, told::assert_fit};

/// 500 characters of Rev's words, what was cut, and the status before them.
const LONGEST_REASON: usize = 520;

/// The customer of the corpus.
pub(crate) const CUSTOMER: &str = "1001";

/// The id that [`CUSTOMER`] is.
#[expect(
    clippy::expect_used,
    reason = "without it the target would try nothing, and pass"
)]
pub(crate) fn customer() -> RevCustomerId {
    RevCustomerId::parse(CUSTOMER).expect("a customer's id")
}

/// Whether the input has the form of an answer: of any other [`rev_answer`] tries nothing.
#[must_use]
pub fn is_answer(bytes: &[u8]) -> bool {
    Answer::read(bytes).is_some()
}

/// Any answer has the class that the table says, and what is told of it stays short.
pub fn rev_answer(bytes: &[u8]) {
    let Some(answer) = Answer::read(bytes) else {
        return;
    };
    let received = Received {
        status: answer.status,
        headers: &answer.headers,
        body: answer.body,
        complete: answer.complete,
        now: SystemTime::UNIX_EPOCH + Duration::from_hours(490_000),
    };
    let call = answer.call;
    let class = match call {
        Call::OpenLine => {
            let class = classify(call, &received, contract::line_id);
            if let Class::Done(id) = &class {
                assert_eq!(
                    Some(id.get()),
                    id_of(answer.json().as_ref()),
                    "another id than Rev's"
                );
            }
            class.map(drop)
        }
        Call::Lines => {
            let class = classify(call, &received, |body| {
                contract::read_page(body, contract::read_line)
            });
            if let Class::Done(page) = &class {
                assert_page(answer.json().as_ref(), page.records.len(), page.has_more);
                assert_settled(&page.records);
            }
            class.map(drop)
        }
        Call::Products => {
            let class = classify(call, &received, |body| {
                contract::read_page(body, contract::read_product)
            });
            if let Class::Done(page) = &class {
                assert_page(answer.json().as_ref(), page.records.len(), page.has_more);
            }
            class.map(drop)
        }
        Call::Customer => {
            let asked = customer();
            let class = classify(call, &received, |body| {
                contract::read_customer(body, &asked)
            });
            if let Class::Done(customer) = &class {
                assert_eq!(customer.id, asked, "somebody else's answer was taken");
            }
            class.map(drop)
        }
        Call::Token => {
            let class = classify(call, &received, contract::read_token);
            if let Class::Done((token, _)) = &class {
                assert!(
                    HeaderValue::from_str(token).is_ok(),
                    "a token that no header takes"
                );
            }
            class.map(drop)
        }
    };
    assert_class(&answer, &class);
}

struct Answer<'a> {
    call: Call,
    status: u16,
    complete: bool,
    headers: HeaderMap,
    body: &'a [u8],
}

impl<'a> Answer<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (first, mut rest) = line(bytes)?;
        let mut words = std::str::from_utf8(first).ok()?.split(' ');
        let call = words.next()?;
        let call = [
            Call::Token,
            Call::Customer,
            Call::Products,
            Call::OpenLine,
            Call::Lines,
        ]
        .into_iter()
        .find(|known| known.name() == call)?;
        let status = words.next()?.parse().ok()?;
        let complete = match words.next()? {
            "whole" => true,
            "cut" => false,
            _ => return None,
        };
        let mut headers = HeaderMap::new();
        loop {
            let (header, after) = line(rest)?;
            rest = after;
            if header.is_empty() {
                break;
            }
            let colon = header.iter().position(|byte| *byte == b':')?;
            let (name, value) = header.split_at(colon);
            headers.append(
                HeaderName::from_bytes(name).ok()?,
                HeaderValue::from_bytes(value.get(1..)?.trim_ascii()).ok()?,
            );
        }
        Some(Self {
            call,
            status,
            complete,
            headers,
            body: rest,
        })
    }

    fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

/// What Rev's envelope says: `ok` of each entry, and whether one of them carries an id.
struct Said {
    list: bool,
    oks: Vec<bool>,
    id: bool,
}

impl Said {
    fn of(body: Option<&Value>) -> Option<Self> {
        let body = body?;
        let list = body.is_array();
        let entries: Vec<&Value> = match body {
            Value::Array(entries) => entries.iter().collect(),
            other => vec![other],
        };
        let oks: Vec<bool> = entries
            .iter()
            .map(|entry| entry.get("ok").and_then(Value::as_bool))
            .collect::<Option<_>>()?;
        let id = entries.iter().any(|entry| match entry.get("id") {
            None | Some(Value::Null) => false,
            Some(Value::Number(number)) => number.as_i64() != Some(0),
            Some(Value::String(text)) => !["", "0"].contains(&text.trim()),
            Some(_) => true,
        });
        (!oks.is_empty()).then_some(Self { list, oks, id })
    }

    fn refuses(&self) -> bool {
        self.oks.iter().all(|ok| !ok)
    }
}

fn id_of(body: Option<&Value>) -> Option<i64> {
    let id = match body?.get("id")? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    id.filter(|id| *id > 0)
}

/// The classes that the table allows. Two stand there only where what the call is for decides between them.
fn allowed(answer: &Answer<'_>) -> &'static [&'static str] {
    let json = answer.json();
    let said = Said::of(json.as_ref());
    let quota = String::from_utf8_lossy(answer.body)
        .to_ascii_lowercase()
        .contains("quota");
    match answer.status {
        200..=299 if !answer.complete || json.is_none() => &["unknown"],
        200..=299 => match said {
            Some(said) if said.refuses() && !said.id => &["refused"],
            Some(said) if said.oks.contains(&false) || said.list => &["unknown"],
            None if json.as_ref().is_some_and(|json| json.get("ok").is_some()) => &["unknown"],
            _ if answer.call == Call::OpenLine => {
                let opened = matches!(answer.status, 200 | 201) && id_of(json.as_ref()).is_some();
                if opened { &["done"] } else { &["unknown"] }
            }
            _ => &["done", "unknown"],
        },
        400 | 404 | 422 if !answer.complete => &["unknown"],
        400 | 404 | 422 => match said {
            None => &["misconfigured"],
            Some(said) if said.id || !said.refuses() => &["unknown"],
            Some(_) if answer.status == 404 && answer.call == Call::Customer => &["not_found"],
            Some(_) => &["refused"],
        },
        401 => &["token"],
        429 => &["throttled"],
        403 if quota => &["throttled"],
        300..=399 | 402 | 403 | 405 | 406 | 410..=417 | 421 | 426 | 431 | 451 => &["misconfigured"],
        _ => &["unknown"],
    }
}

fn assert_class(answer: &Answer<'_>, class: &Class<()>) {
    let allowed = allowed(answer);
    let Answer {
        call,
        status,
        complete,
        body,
        ..
    } = answer;
    assert!(
        allowed.contains(&class.name()),
        "{call:?} {status} (complete: {complete}) is {}, and the table says {allowed:?}: {}",
        class.name(),
        String::from_utf8_lossy(body)
    );
    match class {
        Class::Throttled { retry_after } => assert!(
            (Duration::from_secs(1)..=Duration::from_hours(24)).contains(retry_after),
            "{retry_after:?}"
        ),
        Class::Misconfigured { reason } | Class::Unknown { reason } | Class::NotSent { reason } => {
            assert!(!reason.is_empty());
            assert!(
                reason.chars().count() <= LONGEST_REASON,
                "{} characters",
                reason.chars().count()
            );
        }
        Class::Refused { reason, .. } => {
            assert!(
                reason.chars().count() <= LONGEST_REASON,
                "{} characters",
                reason.chars().count()
            );
        }
        Class::Done(()) | Class::Token | Class::NotFound => {}
    }
    // Of our own words, which no answer can lengthen.
    assert_fit(class.name(), 20);
}

/// A list counts only whole: with every record that was sent, and Rev's word on further pages.
fn assert_page(json: Option<&Value>, records: usize, has_more: bool) {
    let sent = json.and_then(|json| json["records"].as_array());
    assert_eq!(
        sent.map(Vec::len),
        Some(records),
        "records were passed over"
    );
    let said = json.and_then(|json| json["has_more"].as_bool());
    assert_eq!(said, Some(has_more), "nobody said whether there are more");
}
