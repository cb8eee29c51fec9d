//! What the server understands of a client's bytes, without a connection: for recorded traffic, and for whoever sends bytes that no
//! client would.

use crate::{
    tds::{
        login,
        packets::{Assembler, Kind, Message, split},
        prelogin,
        reader::Malformed,
        requests::{self, Request, RequestError},
    },
    value::{Parameter, Value},
};

/// What was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Each whole message, in words.
    pub messages: Vec<String>,
    /// Why the connection would have ended; None while it would wait for more.
    pub end: Option<String>,
    /// Bytes of names, texts and binary values that were taken out of the messages.
    pub kept: usize,
}

/// Reads bytes that come `at_once` at a time, as a connection does. A message that cannot be read is the last.
#[must_use]
pub fn hear(bytes: &[u8], at_once: usize) -> Heard {
    let mut heard = Heard::default();
    let mut assembler = Assembler::default();
    for part in bytes.chunks(at_once.max(1)) {
        assembler.room().extend_from_slice(part);
        loop {
            match assembler.next_message() {
                Ok(None) => break,
                Ok(Some(message)) => {
                    if let Err(malformed) = heard.take(&message) {
                        heard.end = Some(malformed.to_string());
                        return heard;
                    }
                }
                Err(malformed) => {
                    heard.end = Some(malformed.to_string());
                    return heard;
                }
            }
        }
    }
    heard
}

/// The whole messages among these bytes once more, in packets of another size (512 to 32,767 bytes).
#[must_use]
pub fn again(bytes: &[u8], packet_size: usize) -> Vec<u8> {
    let mut assembler = Assembler::default();
    assembler.room().extend_from_slice(bytes);
    let messages = std::iter::from_fn(|| assembler.next_message().ok().flatten());
    messages
        .flat_map(|message| split(message.kind, 0, packet_size, message.payload))
        .collect()
}

impl Heard {
    fn take(&mut self, message: &Message) -> Result<(), Malformed> {
        let said = match message.kind {
            Kind::PreLogin => format!("{:?}", prelogin::client_encryption(&message.payload)?),
            Kind::Login7 => {
                let login = login::read(&message.payload)?;
                self.kept += login.user.len() + login.password.len() + login.database.len();
                format!("{login:?}")
            }
            Kind::Attention => "an attention".to_owned(),
            _ => match requests::read(message) {
                Ok(request) => {
                    self.kept += size(&request);
                    format!("{request:?}")
                }
                Err(RequestError::Refused(error)) => error.message,
                Err(RequestError::Malformed(malformed)) => return Err(malformed),
            },
        };
        self.messages.push(said);
        Ok(())
    }
}

fn size(request: &Request) -> usize {
    let of = |parameters: &[Parameter]| -> usize {
        parameters
            .iter()
            .map(|parameter| {
                parameter.name.len()
                    + match &parameter.value {
                        Value::Text(text) => text.len(),
                        Value::Binary(bytes) => bytes.len(),
                        _ => 0,
                    }
            })
            .sum()
    };
    match request {
        Request::Batch(text) => text.len(),
        Request::ExecuteSql { text, parameters } => text.len() + of(parameters),
        Request::Prepare {
            name,
            declared,
            text,
            ..
        } => {
            let declared: usize = declared.iter().map(|declared| declared.name.len()).sum();
            name.len() + declared + text.len()
        }
        Request::ExecutePrepared { given, .. } => of(given),
        Request::Procedure { name, parameters } => name.len() + of(parameters),
        Request::Unprepare(_) | Request::Reset | Request::Transaction(_) => 0,
    }
}
