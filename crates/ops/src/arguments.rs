//! The command line, read into what is asked. No I/O.

use std::{collections::BTreeSet, ffi::OsString};

use association::ids::{ChangeId, Iccid, IntegrationAuthenticationId, TenantId};
use central::ops::{Signed, pause::Until, resume::Also, settle::Decision};
use lexopt::{Arg, Parser, ValueExt};

use crate::{letters::Which, values};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// How to use it, or one command of it.
    Help(Option<String>),
    Reviews {
        tenant: Option<TenantId>,
        limit: u32,
        json: bool,
    },
    Settle {
        changes: Vec<ChangeId>,
        decision: Decision,
        signature: Signature,
        reason: String,
        apply: bool,
    },
    Pause {
        account: IntegrationAuthenticationId,
        /// None: until somebody resumes it.
        until: Option<Until>,
        signature: Signature,
        reason: String,
        apply: bool,
    },
    Resume {
        account: IntegrationAuthenticationId,
        also: Also,
        signature: Signature,
        reason: Option<String>,
        apply: bool,
    },
    Account {
        account: IntegrationAuthenticationId,
        json: bool,
    },
    Show {
        iccid: Iccid,
        tenant: Option<TenantId>,
        limit: u32,
        json: bool,
    },
    DeadLetters {
        limit: u32,
        json: bool,
    },
    Redrive {
        which: Which,
        apply: bool,
    },
}

/// Who it is done by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature(pub(crate) String);

impl Signature {
    /// With the reason, as the database keeps them.
    pub(crate) fn with<'a>(&'a self, reason: &'a str) -> Signed<'a> {
        Signed {
            by: &self.0,
            reason,
        }
    }
}

/// The commands, and which options each of them knows.
const OPTIONS: [(&str, &[&str]); 8] = [
    ("reviews", &["tenant", "limit", "json"]),
    (
        "settle",
        &[
            "adopt",
            "not-created",
            "give-up",
            "acknowledge",
            "reason",
            "by",
            "apply",
            "dry-run",
        ],
    ),
    (
        "pause",
        &["for", "until", "reason", "by", "apply", "dry-run"],
    ),
    (
        "resume",
        &[
            "also-rev",
            "also-stopped",
            "reason",
            "by",
            "apply",
            "dry-run",
        ],
    ),
    ("account", &["json"]),
    ("show", &["tenant", "limit", "json"]),
    ("dead-letters", &["limit", "json"]),
    ("redrive", &["all", "apply", "dry-run"]),
];

/// The columns that keep who and why: `CreatedBy`; and the reason stands in a status of 4,000 characters beside others.
const LONGEST_NAME: usize = 50;
/// Who a run without --apply is by where nobody is named; it is written nowhere.
const NOBODY: &str = "nobody";
const LONGEST_REASON: usize = 500;
/// SQS promises 100 characters at most.
const LONGEST_MESSAGE_ID: usize = 100;
/// `RevService.RevServiceId` is an int.
const LARGEST_LINE: i64 = i32::MAX as i64;

/// Everything that was given, before it is known to fit together.
#[derive(Default)]
struct Given {
    values: Vec<String>,
    options: Vec<(String, Option<String>)>,
}

impl Given {
    fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| given == name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(given, _)| given == name);
        found.and_then(|(_, value)| value.as_deref())
    }

    /// The one value beside the options.
    fn only(&self, what: &str) -> Result<&str, String> {
        match self.values.as_slice() {
            [value] => Ok(value),
            [] => Err(format!("{what} is missing")),
            [_, more, ..] => Err(format!("`{more}` is one value too many")),
        }
    }

    fn none(&self) -> Result<(), String> {
        self.values.first().map_or(Ok(()), |value| {
            Err(format!("`{value}` is one value too many"))
        })
    }

    fn account(&self) -> Result<IntegrationAuthenticationId, String> {
        account(self.only("ACCOUNT")?)
    }

    fn tenant(&self) -> Result<Option<TenantId>, String> {
        self.text("tenant")
            .map(|text| id(values::number("tenant", text, i64::from(i32::MAX))?))
            .transpose()
    }

    fn limit(&self, default: u32) -> Result<u32, String> {
        self.text("limit").map_or(Ok(default), |text| {
            let number = values::number("limit", text, 10_000)?;
            u32::try_from(number).map_err(|error| error.to_string())
        })
    }

    fn apply(&self) -> Result<bool, String> {
        match (self.has("apply"), self.has("dry-run")) {
            (true, true) => Err("--apply and --dry-run contradict each other".to_owned()),
            (apply, _) => Ok(apply),
        }
    }

    fn reason(&self) -> Result<Option<String>, String> {
        self.text("reason")
            .map(|text| values::words("--reason", text, LONGEST_REASON))
            .transpose()
    }

    fn reason_given(&self) -> Result<String, String> {
        self.reason()?
            .ok_or_else(|| "--reason TEXT is missing: it is kept for whoever asks later".to_owned())
    }

    /// A run that writes nothing needs no name.
    fn signature(&self, user: Option<String>) -> Result<Signature, String> {
        let name = self.text("by").map(str::to_owned).or(user);
        match name {
            Some(name) => values::words("--by", &name, LONGEST_NAME).map(Signature),
            None if !self.apply()? => Ok(Signature(NOBODY.to_owned())),
            None => Err("--by NAME is missing, and the environment names no user".to_owned()),
        }
    }

    fn decision(&self) -> Result<Decision, String> {
        let mut given = Vec::new();
        if let Some(text) = self.text("adopt") {
            let line = id(values::number("service line", text, LARGEST_LINE)?)?;
            given.push(Decision::Adopt(line));
        }
        for (name, decision) in [
            ("not-created", Decision::NotCreated),
            ("give-up", Decision::GiveUp),
            ("acknowledge", Decision::Acknowledge),
        ] {
            if self.has(name) {
                given.push(decision);
            }
        }
        match given.as_slice() {
            [decision] => Ok(*decision),
            _ => Err(
                "say one of --adopt LINE_ID, --not-created, --give-up, --acknowledge".to_owned(),
            ),
        }
    }

    fn until(&self) -> Result<Option<Until>, String> {
        match (self.text("for"), self.text("until")) {
            (Some(_), Some(_)) => Err("--for and --until contradict each other".to_owned()),
            (Some(text), None) => values::length(text).map(Some),
            (None, Some(text)) => values::moment(text).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// Reads the arguments behind the program's name. `user` is whoever the environment says is logged in.
pub(crate) fn read(arguments: Vec<OsString>, user: Option<String>) -> Result<Command, String> {
    let mut parser = Parser::from_args(arguments);
    let name = match parser.next().map_err(|error| error.to_string())? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => return Ok(Command::Help(None)),
        Some(Arg::Value(name)) => text(name)?,
        Some(other) => return Err(format!("{} comes before any command", spelled(&other))),
    };
    if name == "help" {
        let topic = given(&mut parser, "help", &[])?.map_or_else(Vec::new, |given| given.values);
        return match topic.as_slice() {
            [] => Ok(Command::Help(None)),
            [topic] if OPTIONS.iter().any(|(known, _)| known == topic) => {
                Ok(Command::Help(Some(topic.clone())))
            }
            [topic, ..] => Err(format!("`{topic}` is no command")),
        };
    }
    let Some((_, known)) = OPTIONS.iter().find(|(known, _)| *known == name) else {
        return Err(format!("`{name}` is no command"));
    };
    match given(&mut parser, &name, known)? {
        None => Ok(Command::Help(Some(name))),
        Some(given) => command(&name, &given, user),
    }
}

/// All arguments of a command; none when help is asked for.
fn given(parser: &mut Parser, command: &str, known: &[&str]) -> Result<Option<Given>, String> {
    const FLAGS: [&str; 9] = [
        "all",
        "json",
        "apply",
        "dry-run",
        "not-created",
        "give-up",
        "acknowledge",
        "also-rev",
        "also-stopped",
    ];
    let mut given = Given::default();
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Value(value) => given.values.push(text(value)?),
            Arg::Long(name) if known.contains(&name) => {
                let name = name.to_owned();
                if given.has(&name) {
                    return Err(format!("--{name} is given twice"));
                }
                let value = if FLAGS.contains(&name.as_str()) {
                    None
                } else {
                    let value = parser.value().map_err(|error| error.to_string())?;
                    Some(text(value)?)
                };
                given.options.push((name, value));
            }
            other => return Err(format!("`ops {command}` does not know {}", spelled(&other))),
        }
    }
    Ok(Some(given))
}

fn command(name: &str, given: &Given, user: Option<String>) -> Result<Command, String> {
    Ok(match name {
        "reviews" => {
            given.none()?;
            Command::Reviews {
                tenant: given.tenant()?,
                limit: given.limit(200)?,
                json: given.has("json"),
            }
        }
        "settle" => Command::Settle {
            changes: changes(&given.values)?,
            decision: one_adopts_once(given.decision()?, &given.values)?,
            reason: given.reason_given()?,
            signature: given.signature(user)?,
            apply: given.apply()?,
        },
        "pause" => Command::Pause {
            account: given.account()?,
            until: given.until()?,
            reason: given.reason_given()?,
            signature: given.signature(user)?,
            apply: given.apply()?,
        },
        "resume" => Command::Resume {
            account: given.account()?,
            also: Also {
                rev: given.has("also-rev"),
                stopped: given.has("also-stopped"),
            },
            reason: given.reason()?,
            signature: given.signature(user)?,
            apply: given.apply()?,
        },
        "account" => Command::Account {
            account: given.account()?,
            json: given.has("json"),
        },
        "dead-letters" => {
            given.none()?;
            Command::DeadLetters {
                limit: given.limit(1_000)?,
                json: given.has("json"),
            }
        }
        "redrive" => Command::Redrive {
            which: which(&given.values, given.has("all"))?,
            apply: given.apply()?,
        },
        _ => Command::Show {
            iccid: Iccid::parse(given.only("ICCID")?).map_err(|error| error.to_string())?,
            tenant: given.tenant()?,
            limit: given.limit(20)?,
            json: given.has("json"),
        },
    })
}

/// The messages of a redrive. An id that SQS gave has letters, digits and hyphens.
fn which(values: &[String], all: bool) -> Result<Which, String> {
    if all {
        return values.first().map_or(Ok(Which::All), |value| {
            Err(format!("--all and `{value}` contradict each other"))
        });
    }
    let ids: BTreeSet<String> = values.iter().cloned().collect();
    if ids.is_empty() {
        return Err("say which: MESSAGE_ID..., or --all".to_owned());
    }
    let is_one = |id: &String| {
        let known = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        !id.is_empty() && id.len() <= LONGEST_MESSAGE_ID && id.chars().all(known)
    };
    match ids.iter().find(|id| !is_one(id)) {
        Some(wrong) => Err(format!("`{wrong}` is no message id")),
        None => Ok(Which::These(ids)),
    }
}

fn changes(values: &[String]) -> Result<Vec<ChangeId>, String> {
    let mut changes = values
        .iter()
        .map(|text| id(values::number("change", text, i64::MAX)?))
        .collect::<Result<Vec<ChangeId>, String>>()?;
    changes.sort_unstable();
    changes.dedup();
    if changes.is_empty() {
        return Err("CHANGE is missing".to_owned());
    }
    Ok(changes)
}

fn one_adopts_once(decision: Decision, values: &[String]) -> Result<Decision, String> {
    match decision {
        Decision::Adopt(_) if values.len() > 1 => {
            Err("--adopt takes one CHANGE: a service line is of one change".to_owned())
        }
        decision => Ok(decision),
    }
}

fn account(text: &str) -> Result<IntegrationAuthenticationId, String> {
    id(values::number("account", text, i64::from(i32::MAX))?)
}

fn id<T: TryFrom<i64, Error = association::ids::InvalidId>>(number: i64) -> Result<T, String> {
    T::try_from(number).map_err(|error| error.to_string())
}

fn text(value: OsString) -> Result<String, String> {
    value.string().map_err(|error| error.to_string())
}

fn spelled(argument: &Arg<'_>) -> String {
    match argument {
        Arg::Long(name) => format!("--{name}"),
        Arg::Short(letter) => format!("-{letter}"),
        Arg::Value(value) => format!("`{}`", value.to_string_lossy()),
    }
}

#[cfg(test)]
mod tests;
