//! Reads the members of a JSON object one by one and remembers every fault, so that a caller hears of all at once.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

use crate::limits::{AMOUNT_DIGITS, FIRST_YEAR, LAST_YEAR};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// What is wrong with one member of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberError {
    /// JSON pointer (RFC 6901) to the member.
    pub pointer: String,
    /// Stable, for programs.
    pub code: &'static str,
    /// What is wrong and what to do, for people.
    pub detail: String,
}

impl MemberError {
    /// One fault of the member that `pointer` leads to.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }
}

/// The members of one object that were not read yet, and the faults found so far.
pub(crate) struct Members<'a> {
    pointer: String,
    left: BTreeMap<&'a str, &'a Value>,
    errors: Vec<MemberError>,
}

impl<'a> Members<'a> {
    /// Begins with an object; `pointer` leads to it, empty for the whole document.
    pub(crate) fn of(object: &'a Map<String, Value>, pointer: &str) -> Self {
        let left = object
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        Self {
            pointer: pointer.to_owned(),
            left,
            errors: Vec::new(),
        }
    }

    /// Where a member stands.
    pub(crate) fn pointer(&self, name: &str) -> String {
        format!(
            "{}/{}",
            self.pointer,
            name.replace('~', "~0").replace('/', "~1")
        )
    }

    /// How many faults there are so far.
    pub(crate) fn fault_count(&self) -> usize {
        self.errors.len()
    }

    /// Remembers a fault of a member.
    pub(crate) fn fault(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        let pointer = self.pointer(name);
        self.errors.push(MemberError::new(pointer, code, detail));
    }

    /// Takes over the faults of an object or list inside.
    pub(crate) fn faults(&mut self, errors: impl IntoIterator<Item = MemberError>) {
        self.errors.extend(errors);
    }

    /// Takes a member by its camelCase name, or by the PascalCase one that the existing portal posts; null counts as missing.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a Value> {
        let camel = self.left.remove(name);
        let pascal = self.left.remove(pascal(name).as_str());
        if camel.is_some() && pascal.is_some() {
            self.fault(
                name,
                "duplicate-member",
                format!(
                    "\"{name}\" and \"{}\" are the same member: give one",
                    self::pascal(name)
                ),
            );
        }
        camel.or(pascal).filter(|value| !value.is_null())
    }

    pub(crate) fn boolean(&mut self, name: &str) -> bool {
        match self.take(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.fault(name, "wrong-type", "must be true or false");
                false
            }
        }
    }

    /// A text of at most `longest` characters; blanks around it do not count, and an empty one counts as missing.
    pub(crate) fn text(&mut self, name: &str, longest: usize) -> Option<String> {
        match self.take(name)? {
            Value::String(text) if text.contains('\0') => {
                self.fault(
                    name,
                    "control-character",
                    "must not contain the character U+0000",
                );
                None
            }
            Value::String(text) if text.trim().chars().count() > longest => {
                self.fault(
                    name,
                    "too-long",
                    format!("must have at most {longest} characters"),
                );
                None
            }
            Value::String(text) => Some(text.trim())
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            _ => {
                self.fault(name, "wrong-type", "must be a text");
                None
            }
        }
    }

    /// A positive 32-bit number, as a number or as the text of one (the existing portal posts ids as text).
    pub(crate) fn id(&mut self, name: &str) -> Option<i32> {
        let value = self.take(name)?;
        let id = whole_number(value);
        if id.is_none() && value.as_str().is_none_or(|text| !text.trim().is_empty()) {
            self.fault(
                name,
                "not-an-id",
                "must be a whole number from 1 to 2147483647",
            );
        }
        id
    }

    /// A day that exists, `yyyy-MM-dd`; midnight may follow it.
    pub(crate) fn day(&mut self, name: &str) -> Option<Date> {
        let value = self.take(name)?;
        let text = value.as_str().map(str::trim).unwrap_or_default();
        let day = text
            .strip_suffix("T00:00:00Z")
            .or_else(|| text.strip_suffix("T00:00:00"))
            .unwrap_or(text);
        // A year may have a sign for the reader of dates, as one of more than four digits needs it.
        let unsigned = Some(day).filter(|day| !day.starts_with(['+', '-']));
        match Date::parse(unsigned.unwrap_or_default(), DAY) {
            Ok(day) if (FIRST_YEAR..=LAST_YEAR).contains(&day.year()) => Some(day),
            Ok(_) => {
                self.fault(
                    name,
                    "out-of-range",
                    format!("must lie between {FIRST_YEAR}-01-01 and {LAST_YEAR}-12-31"),
                );
                None
            }
            Err(_) => {
                self.fault(
                    name,
                    "not-a-date",
                    "must be a day that exists, written yyyy-MM-dd",
                );
                None
            }
        }
    }

    /// An amount of zero or more, at most four digits after the point, below `limit`.
    pub(crate) fn amount(&mut self, name: &str, limit: Decimal) -> Option<Decimal> {
        let value = self.take(name)?;
        match amount(value, limit) {
            Ok(amount) => Some(amount),
            Err(detail) => {
                self.fault(name, "not-an-amount", detail);
                None
            }
        }
    }

    /// A list.
    pub(crate) fn list(&mut self, name: &str) -> Option<&'a [Value]> {
        let value = self.take(name)?;
        if !value.is_array() {
            self.fault(name, "wrong-type", "must be a list");
        }
        value.as_array().map(Vec::as_slice)
    }

    /// Ends the reading: members that nobody asked for are faults too.
    pub(crate) fn end(mut self) -> Vec<MemberError> {
        let unknown: Vec<&str> = std::mem::take(&mut self.left).into_keys().collect();
        for name in unknown {
            self.fault(
                name,
                "unknown-member",
                "is not a member of this request: remove it or mend its spelling",
            );
        }
        self.errors
    }
}

/// Reads a member that must be there. A member that is there and wrong has its own fault already.
pub(crate) fn required<'a, T>(
    members: &mut Members<'a>,
    name: &str,
    read: impl FnOnce(&mut Members<'a>, &str) -> Option<T>,
) -> Option<T> {
    let before = members.fault_count();
    let value = read(members, name);
    if value.is_none() && members.fault_count() == before {
        members.fault(name, "missing", "is required");
    }
    value
}

fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

/// A positive 32-bit number, or the text of one.
pub(crate) fn whole_number(value: &Value) -> Option<i32> {
    let number = match value {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) if text.trim().bytes().all(|b| b.is_ascii_digit()) => {
            text.trim().parse().ok()?
        }
        _ => return None,
    };
    i32::try_from(number).ok().filter(|number| *number > 0)
}

/// An amount of zero or more, at most four digits after the point, below `limit`.
pub(crate) fn amount(value: &Value, limit: Decimal) -> Result<Decimal, String> {
    let wrong = || {
        format!(
            "must be a number from 0 to below {limit} with at most {AMOUNT_DIGITS} digits after the point"
        )
    };
    let Value::Number(number) = value else {
        return Err(wrong());
    };
    exactly(&number.to_string())
        .filter(|amount| is_amount(*amount, limit))
        .ok_or_else(wrong)
}

/// A number from its text, without zeros behind it. One of more digits than are kept is none, and is not rounded; nor is one with
/// the underlines that Rust writes between digits.
pub(crate) fn exactly(text: &str) -> Option<Decimal> {
    if text.contains('_') {
        return None;
    }
    Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
        .map(|number| number.normalize())
}

/// Whether a number is zero or more, at most four digits after the point, below `limit`.
pub(crate) fn is_amount(number: Decimal, limit: Decimal) -> bool {
    (Decimal::ZERO..limit).contains(&number) && number.scale() <= AMOUNT_DIGITS
}
