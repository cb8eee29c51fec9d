//! `ops dead-letters`: the messages that were given up. What a message holds is never shown, only what it names.

use std::{io::Write, time::SystemTime};

use queue::{DeadLetter, DeadLetters, Incoming};
use serde::Serialize;
use serde_json::json;

use crate::{Failure, letters::unseen, words};

/// A message as it is shown.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    message_id: String,
    age_seconds: Option<i64>,
    receives: u64,
    bulk_change: Option<i64>,
    chunk: Option<u32>,
    tenant: Option<i64>,
    unreadable: Option<String>,
}

impl Shown {
    fn of(letter: &DeadLetter, now: SystemTime) -> Self {
        let age = letter.sent_at().map(|sent| {
            let age = now.duration_since(sent).unwrap_or_default();
            i64::try_from(age.as_secs()).unwrap_or(i64::MAX)
        });
        let shown = Self {
            message_id: letter.id().to_owned(),
            age_seconds: age,
            receives: letter.receives(),
            ..Self::default()
        };
        match letter.names() {
            Ok(Incoming::Chunk(chunk)) => Self {
                bulk_change: Some(chunk.bulk_change.get()),
                chunk: Some(chunk.chunk),
                tenant: Some(i64::from(chunk.tenant.get())),
                ..shown
            },
            Ok(Incoming::BulkChange(id)) => Self {
                bulk_change: Some(id.get()),
                ..shown
            },
            // Without its cause, which may quote the message.
            Err(error) => Self {
                unreadable: Some(format!("{error} ({} bytes)", letter.body_size())),
                ..shown
            },
        }
    }

    fn row(&self) -> Vec<String> {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        vec![
            self.message_id.clone(),
            or_dash(self.age_seconds.map(words::length)),
            self.receives.to_string(),
            or_dash(self.bulk_change.map(|id| id.to_string())),
            or_dash(self.chunk.map(|chunk| chunk.to_string())),
            or_dash(self.tenant.map(|tenant| tenant.to_string())),
            match (&self.unreadable, self.chunk) {
                (Some(why), _) => format!("unreadable: {why}"),
                (None, Some(_)) => "a chunk".to_owned(),
                (None, None) => "a whole bulk change, of another producer".to_owned(),
            },
        ]
    }
}

/// Messages for people: one a line.
pub(super) fn table<'a>(letters: impl IntoIterator<Item = &'a DeadLetter>) -> String {
    const HEAD: [&str; 7] = [
        "message",
        "age",
        "received",
        "bulk change",
        "chunk",
        "tenant",
        "what it is",
    ];
    let now = SystemTime::now();
    let rows: Vec<Vec<String>> = letters
        .into_iter()
        .map(|letter| Shown::of(letter, now).row())
        .collect();
    words::table(&HEAD, &rows)
}

pub(crate) async fn list(
    queues: &DeadLetters,
    limit: u32,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let look = queues.look(limit as usize).await?;
    // Whoever comes next is to see them, too. If that fails they show by themselves, and the look was good.
    let released = queues.release(&look.letters).await;
    if json {
        let now = SystemTime::now();
        let letters: Vec<Shown> = look.letters.iter().map(|it| Shown::of(it, now)).collect();
        let all = json!({ "messages": letters, "unseen": look.others });
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    if look.letters.is_empty() {
        writeln!(out, "No message was found in the dead letter queue.")?;
    } else {
        write!(out, "{}", table(&look.letters))?;
        let number = i64::try_from(look.letters.len()).unwrap_or(i64::MAX);
        writeln!(out, "{}.", words::count(number, "message"))?;
    }
    if let Some(unseen) = unseen(&look) {
        writeln!(out, "{unseen}")?;
    }
    if released.is_err() {
        let seconds = queue::dead_letters::HIDDEN.as_secs();
        writeln!(out, "They are hidden from others for {seconds} s.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Shown;

    #[test]
    fn a_row_says_what_the_message_names_or_why_nobody_can_tell() {
        let chunk = Shown {
            message_id: "m".to_owned(),
            age_seconds: Some(61),
            receives: 5,
            bulk_change: Some(7),
            chunk: Some(2),
            tenant: Some(1),
            unreadable: None,
        };
        assert_eq!(
            chunk.row(),
            ["m", "2 min", "5", "7", "2", "1", "a chunk"].map(str::to_owned)
        );
        let poison = Shown {
            unreadable: Some("the body is not a chunk message (9 bytes)".to_owned()),
            ..Shown::default()
        };
        assert_eq!(
            poison.row()[3..],
            [
                "-",
                "-",
                "-",
                "unreadable: the body is not a chunk message (9 bytes)"
            ]
            .map(str::to_owned)
        );
    }
}
