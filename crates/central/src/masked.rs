//! Texts for log lines: no whole ICCID or MSISDN reaches one.

use association::trace::is_uuid;

/// A number from this length on may be an ICCID or an MSISDN.
const LONG: usize = 9;
/// So many digits of it are shown.
const KEPT: usize = 4;
/// A UUID with its hyphens.
const UUID: usize = 36;

/// A text that came from elsewhere, with every long number cut to its last four digits: it may be an ICCID or an MSISDN. Single
/// blanks, hyphens, dots and brackets inside a number do not hide it, because people and other systems write numbers so. UUIDs stay
/// whole: messages and requests are found by them.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    let mut number = Number::default();
    while let Some(letter) = rest.chars().next() {
        let taken = if let Some(uuid) = leading_uuid(before, rest) {
            number.end(&mut masked);
            masked.push_str(uuid);
            uuid
        } else {
            if !number.takes(letter) {
                number.end(&mut masked);
                masked.push(letter);
            }
            &rest[..letter.len_utf8()]
        };
        before = taken.chars().next_back();
        rest = &rest[taken.len()..];
    }
    number.end(&mut masked);
    masked
}

/// The UUID that a text begins with, when it is no part of something longer.
fn leading_uuid(before: Option<char>, text: &str) -> Option<&str> {
    let goes_on = |letter: char| letter.is_alphanumeric() || letter == '-';
    let uuid = text.get(..UUID).filter(|text| is_uuid(text))?;
    let after = text[UUID..].chars().next();
    (!before.is_some_and(goes_on) && !after.is_some_and(goes_on)).then_some(uuid)
}

/// A number as it stands, and the separators after its last digit, which belong to it only when a digit follows.
#[derive(Default)]
struct Number {
    text: String,
    after: String,
}

impl Number {
    /// Whether the letter may belong to it.
    fn takes(&mut self, letter: char) -> bool {
        if letter.is_ascii_digit() {
            self.text.push_str(&self.after);
            self.after.clear();
            self.text.push(letter);
            return true;
        }
        let belongs = !self.text.is_empty() && self.after.len() < 2 && is_separator(letter);
        if belongs {
            self.after.push(letter);
        }
        belongs
    }

    /// Writes it, cut when it is long, and begins anew.
    fn end(&mut self, masked: &mut String) {
        let digits: String = self.text.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= LONG {
            masked.push('…');
            masked.push_str(&digits[digits.len() - KEPT..]);
        } else {
            masked.push_str(&self.text);
        }
        masked.push_str(&self.after);
        *self = Self::default();
    }
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '.' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_long_number_passes_whole() {
        for (text, shown) in [
            (
                "The duplicate key value is (8900000000000000001, 1).",
                "The duplicate key value is (…0001, 1).",
            ),
            ("8900000000000000001", "…0001"),
            ("+1 (555) 010-0001 is in use", "+…0001 is in use"),
            ("8900-0000-0000-0000-001.", "…0001."),
            ("iccid8900 0000 0000 0000 001x", "iccid…0001x"),
            // In the form of a UUID, and a number all the same.
            ("89000000-0000-0000-0000-000000000001", "…0001"),
            // A UUID is no cover for what it is part of, or for what stands beside it.
            (
                "8900-4b3e0d6c-1111-4222-8333-155501000012",
                "8900-4b3e0d6c-…0012",
            ),
            (
                "555 010 0001 4b3e0d6c-1111-4222-8333-abcdef012345 555-010-0002",
                "…0001 4b3e0d6c-1111-4222-8333-abcdef012345 …0002",
            ),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn what_is_no_long_number_stays() {
        for text in [
            "error 2627 after 30000 ms",
            "between 1 - 2, (3) and 4.",
            "at 127.0.0.1:1433",
            "2026-11-23T15:55:37Z",
            "4b3e0d6c-1111-4222-8333-abcdef012345",
            "message 17 (4B3E0D6C-1111-4222-8333-123456789012).",
            "ünï",
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    proptest! {
        #[test]
        fn a_uuid_stays_whole_wherever_it_stands(id: u128, before in "[a-z]{0,3}[ (\"/:=]", after in "([ ).,\"/:][ -~]{0,9})?") {
            let uuid = uuid::Uuid::from_u128(id).to_string();
            prop_assume!(uuid.contains(|letter: char| letter.is_ascii_alphabetic()));
            prop_assert_eq!(masked(&uuid), uuid.clone());
            let text = format!("{before}{uuid}{after}");
            let masked = masked(&text);
            prop_assert!(masked.contains(&uuid), "{} of {}", masked, text);
        }

        #[test]
        fn a_long_number_never_stays_whole(digits in "[0-9]{9,22}", separators in prop::collection::vec("[-. ()]{0,2}", 22)) {
            let text: String = digits
                .chars()
                .zip(&separators)
                .flat_map(|(digit, separator)| std::iter::once(digit).chain(separator.chars()))
                .collect();
            let shown: String = masked(&text).chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(shown, &digits[digits.len() - KEPT..]);
        }
    }
}
