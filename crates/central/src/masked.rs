//! Texts for log lines: no whole ICCID or MSISDN reaches one.

/// A number from this length on may be an ICCID or an MSISDN.
const LONG: usize = 9;
/// So many digits of it are shown.
const KEPT: usize = 4;

/// A text that came from elsewhere, with every long number cut to its last four digits: it may be an ICCID or an MSISDN. Single
/// blanks, hyphens, dots and brackets inside a number do not hide it, because people and other systems write numbers so.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    // A number as it stands, and the separator after its last digit, which belongs to it only when a digit follows.
    let (mut number, mut after) = (String::new(), String::new());
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            number.push_str(&after);
            after.clear();
            number.push(letter);
        } else if !number.is_empty() && after.len() < 2 && is_separator(letter) {
            after.push(letter);
        } else {
            push(&mut masked, &mut number);
            masked.push_str(&after);
            after.clear();
            masked.push(letter);
        }
    }
    push(&mut masked, &mut number);
    masked + &after
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '.' | '(' | ')')
}

fn push(masked: &mut String, number: &mut String) {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.len() >= LONG {
        masked.push('…');
        masked.push_str(&digits[digits.len() - KEPT..]);
    } else {
        masked.push_str(number);
    }
    number.clear();
}

#[cfg(test)]
mod tests {
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
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
