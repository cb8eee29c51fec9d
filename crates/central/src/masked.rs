//! Texts for log lines: no whole ICCID or MSISDN reaches one.

/// A text that came from elsewhere, with every long number cut to its last four digits: it may be an ICCID or an MSISDN.
#[must_use]
pub fn masked(text: &str) -> String {
    const LONG: usize = 9;
    const KEPT: usize = 4;
    let mut masked = String::with_capacity(text.len());
    let mut digits = String::new();
    let flush = |digits: &mut String, masked: &mut String| {
        if digits.len() >= LONG {
            masked.push('…');
            masked.push_str(&digits[digits.len() - KEPT..]);
        } else {
            masked.push_str(digits);
        }
        digits.clear();
    };
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
        } else {
            flush(&mut digits, &mut masked);
            masked.push(letter);
        }
    }
    flush(&mut digits, &mut masked);
    masked
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
            ("error 2627 after 30000 ms", "error 2627 after 30000 ms"),
            ("", ""),
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}
