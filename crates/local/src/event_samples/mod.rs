//! What events/ holds: one file for everything that calls the two functions, each usable as it is with
//! `cargo lambda invoke <function> --data-file events/<name>.json` while `make dev` runs.
//!
//! The files are made here and committed (`make events`), so that a test can say when one no longer is what would be made.
//! They name what `make dev` lays down: the sample data, bulk change [`SUBMITTED`], which is submitted at its start with
//! `http-associate-customer.json`, and two bulk changes of the other producer (`crate::dev`).

mod http;
mod queue;

use std::{io, path::Path};

use serde_json::Value;

pub(crate) use self::queue::sweep;
use crate::sign_in::{Claims, people::PEOPLE};

/// The bulk change that `http-associate-customer.json` makes in a database without any.
pub const SUBMITTED: i64 = 1;
/// A customer assignment that the other producer wrote.
pub const OF_OTHER_PRODUCER: i64 = 2;
/// A bulk change of another type, which the function of the other types works on.
pub const OF_OTHER_TYPE: i64 = 3;

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Lambda 1.
    Intake,
    /// Lambda 2.
    Consumer,
}

impl Function {
    /// The name of its binary, by which `cargo lambda invoke` calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Consumer => "device-bulk-change",
        }
    }
}

/// One file of events/.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The file's name without `.json`.
    pub name: &'static str,
    /// Whose event it is.
    pub function: Function,
    /// What it holds.
    pub event: Value,
}

/// Every file, with this token where a caller has to say who he is.
#[must_use]
pub fn samples(token: &str) -> Vec<Sample> {
    let of_intake = http::requests(token)
        .into_iter()
        .map(|(name, event)| (name, Function::Intake, event));
    let of_consumer = queue::events()
        .into_iter()
        .map(|(name, event)| (name, Function::Consumer, event));
    of_intake
        .chain(of_consumer)
        .map(|(name, function, event)| Sample {
            name,
            function,
            event,
        })
        .collect()
}

/// Who the caller of the samples is: may read and submit, for every customer of the sample data's first tenant.
#[must_use]
pub fn caller() -> Claims {
    PEOPLE[0].claims()
}

/// The token of the committed files.
#[must_use]
pub fn committed_token() -> Option<String> {
    let event: Value =
        serde_json::from_str(include_str!("../../../../events/http-inventory.json")).ok()?;
    let header = event["headers"]["authorization"].as_str()?;
    Some(header.strip_prefix("Bearer ")?.to_owned())
}

/// Writes every file into a folder.
pub fn write(samples: &[Sample], folder: &Path) -> io::Result<()> {
    for sample in samples {
        let text = format!("{:#}\n", sample.event);
        std::fs::write(folder.join(format!("{}.json", sample.name)), text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
