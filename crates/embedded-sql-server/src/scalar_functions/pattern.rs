//! LIKE and PATINDEX: `%`, `_`, `[a-f]`, `[^a-f]` and ESCAPE, without case.

use std::sync::Arc;

use rusqlite::{Connection, Result, functions::Context, types::Value as Stored};

use super::{add, folded, text_at, whole_at};
use crate::error::SqlError;

pub(super) fn register(connection: &Connection) -> Result<()> {
    // text, pattern, escape, 1 where trailing blanks count (nvarchar)
    add(connection, "mssql_like", 4, like)?;
    add(connection, "mssql_patindex", 2, |context| {
        let (Some(pattern), Some(text)) = (text_at(context, 0)?, text_at(context, 1)?) else {
            return Ok(Stored::Null);
        };
        Ok(Stored::Integer(patindex(pattern, text)))
    })
}

fn like(context: &Context<'_>) -> std::result::Result<Stored, SqlError> {
    let (Some(text), Some(pattern)) = (text_at(context, 0)?, text_at(context, 1)?) else {
        return Ok(Stored::Null);
    };
    let blanks_count = whole_at(context, 3)? == Some(1);
    let parsed = match text_at(context, 2)?.map(escape_of).transpose()? {
        Some(escape) => Arc::new(Pattern::new(pattern, Some(escape))),
        // Kept by SQLite while the pattern stays the same: a filter is not read anew for every row.
        None => context
            .get_or_create_aux(1, |_| Ok::<_, rusqlite::Error>(Pattern::new(pattern, None)))
            .map_err(|error| SqlError::unsupported(format_args!("this pattern: {error}")))?,
    };
    Ok(Stored::Integer(i64::from(
        parsed.matches(text, blanks_count),
    )))
}

/// A pattern, read.
struct Pattern {
    pieces: Vec<Piece>,
    /// What `%…%` looks for, in lower case, where that is plain ASCII text.
    contained: Option<Vec<u8>>,
}

impl Pattern {
    fn new(pattern: &str, escape: Option<char>) -> Self {
        let pieces = parse(pattern, escape);
        let contained = match pieces.as_slice() {
            [Piece::Any, within @ .., Piece::Any] => within.iter().map(Piece::plain).collect(),
            _ => None,
        };
        Self { pieces, contained }
    }

    fn matches(&self, text: &str, blanks_count: bool) -> bool {
        if let (Some(contained), true) = (&self.contained, text.is_ascii()) {
            let Some(first) = contained.first() else {
                return true;
            };
            let text = text.as_bytes();
            return (0..(text.len() + 1).saturating_sub(contained.len())).any(|at| {
                text[at].eq_ignore_ascii_case(first)
                    && text[at..at + contained.len()].eq_ignore_ascii_case(contained)
            });
        }
        let text: Vec<char> = text.chars().map(folded).collect();
        matches(&text, &self.pieces) || (!blanks_count && matches(trimmed(&text), &self.pieces))
    }
}

impl Piece {
    /// The one ASCII character that it stands for, `[%]` included.
    fn plain(&self) -> Option<u8> {
        let character = match self {
            Self::Exactly(character) => *character,
            Self::Within {
                ranges,
                negated: false,
            } => match ranges.as_slice() {
                [(low, high)] if low == high => *low,
                _ => return None,
            },
            _ => return None,
        };
        u8::try_from(character).ok().filter(u8::is_ascii)
    }
}

fn escape_of(escape: &str) -> std::result::Result<char, SqlError> {
    let mut characters = escape.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => Ok(folded(only)),
        _ => Err(SqlError::new(
            506,
            format!("The invalid escape character \"{escape}\" was specified in a LIKE predicate."),
        )),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// `%`
    Any,
    /// `_`
    One,
    /// A character, folded.
    Exactly(char),
    /// `[…]` or `[^…]`, by folded ranges.
    Within {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

/// Trailing blanks of the text that the pattern does not ask for do not count.
fn trimmed(text: &[char]) -> &[char] {
    let end = text
        .iter()
        .rposition(|character| *character != ' ')
        .map_or(0, |last| last + 1);
    &text[..end]
}

fn parse(pattern: &str, escape: Option<char>) -> Vec<Piece> {
    let characters: Vec<char> = pattern.chars().map(folded).collect();
    let (mut pieces, mut at) = (Vec::new(), 0);
    while let Some(character) = characters.get(at).copied() {
        at += 1;
        pieces.push(match character {
            escaping if Some(escaping) == escape => {
                let escaped = characters.get(at).copied().unwrap_or(escaping);
                at += 1;
                Piece::Exactly(escaped)
            }
            '%' => Piece::Any,
            '_' => Piece::One,
            '[' => match class(&characters[at..]) {
                Some((piece, used)) => {
                    at += used;
                    piece
                }
                None => Piece::Exactly('['),
            },
            other => Piece::Exactly(other),
        });
    }
    pieces
}

/// The class after a `[`, and how many characters it took, the `]` included.
fn class(rest: &[char]) -> Option<(Piece, usize)> {
    let negated = rest.first() == Some(&'^');
    let start = usize::from(negated);
    // A `]` right at the start stands for itself.
    let end = (start + 1..rest.len()).find(|at| rest[*at] == ']')?;
    let (mut ranges, mut at) = (Vec::new(), start);
    while at < end {
        if at + 2 < end && rest[at + 1] == '-' {
            ranges.push((rest[at], rest[at + 2]));
            at += 3;
        } else {
            ranges.push((rest[at], rest[at]));
            at += 1;
        }
    }
    Some((Piece::Within { ranges, negated }, end + 1))
}

fn fits(piece: &Piece, character: char) -> bool {
    match piece {
        Piece::Any => false,
        Piece::One => true,
        Piece::Exactly(wanted) => *wanted == character,
        Piece::Within { ranges, negated } => {
            ranges
                .iter()
                .any(|(low, high)| (*low..=*high).contains(&character))
                != *negated
        }
    }
}

/// The usual two-pointer walk: on a mismatch the last `%` takes one character more.
fn matches(text: &[char], pieces: &[Piece]) -> bool {
    let (mut at, mut piece) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pieces.get(piece) {
            Some(Piece::Any) => {
                retry = Some((piece + 1, at));
                piece += 1;
            }
            Some(one) if fits(one, text[at]) => {
                at += 1;
                piece += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    piece = after;
                    at = from + 1;
                }
                None => return false,
            },
        }
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Any)
}

/// Where the pattern begins to match, from 1; 0 where it does not.
fn patindex(pattern: &str, text: &str) -> i64 {
    let text: Vec<char> = text.chars().map(folded).collect();
    let pieces = parse(pattern, None);
    let Some((Piece::Any, rest)) = pieces.split_first() else {
        return i64::from(matches(&text, &pieces));
    };
    (0..=text.len())
        .find(|start| matches(&text[*start..], rest))
        .map_or(0, |start| {
            let units: usize = text[..start]
                .iter()
                .map(|character| character.len_utf16())
                .sum();
            i64::try_from(units + 1).unwrap_or(0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str, escape: Option<char>) -> bool {
        Pattern::new(pattern, escape).matches(text, true)
    }

    #[test]
    fn text_that_is_contained_is_found_by_the_short_way_as_by_the_long_one() {
        for (text, pattern, expected) in [
            ("8901-ABC", "%1-a%", true),
            ("8901-ABC", "%1_a%", true),
            ("8901-ABC", "%1[_]a%", false),
            ("8901_abc", "%1[_]A%", true),
            ("50% [x]", "%[%] [[]X]%", true),
            ("50 [x]", "%[%] [[]X]%", false),
            ("", "%%", true),
            ("a", "%ab%", false),
        ] {
            let parsed = Pattern::new(pattern, None);
            let slow: Vec<char> = text.chars().map(folded).collect();
            assert_eq!(matches(&slow, &parsed.pieces), expected, "{text} {pattern}");
            assert_eq!(parsed.matches(text, true), expected, "{text} {pattern}");
            assert_eq!(
                parsed.contained.is_none(),
                pattern.contains("1_a"),
                "{pattern}"
            );
        }
        assert!(like("ŻÓŁW 7", "%żółw%", None));
        assert!(like("ŻÓŁW 7", "%w 7%", None));
    }

    #[test]
    fn like_knows_classes_ranges_and_escapes() {
        assert!(like("Widget-7", "w%[0-9]", None));
        assert!(!like("Widget-x", "w%[0-9]", None));
        assert!(like("Widget-x", "w%[^0-9]", None));
        assert!(like("50%", "50!%", Some('!')));
        assert!(!like("500", "50!%", Some('!')));
        assert!(like("a[b", "a[[]b", None));
        assert!(like("aXbXc", "a%b_c", None));
        assert!(!like("", "_", None));
        assert!(like("", "%", None));
    }

    #[test]
    fn patindex_counts_from_one() {
        assert_eq!(patindex("%[0-9]%", "ab3"), 3);
        assert_eq!(patindex("%x%", "abc"), 0);
        assert_eq!(patindex("ab%", "abc"), 1);
    }
}
