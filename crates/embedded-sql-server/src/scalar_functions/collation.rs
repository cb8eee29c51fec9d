//! How text compares: without case, and without trailing blanks.

use std::cmp::Ordering;

/// The collation's name in SQLite.
pub const COLLATION: &str = "MSSQL";

/// Compares by the lower-case form of each character, as if the shorter text went on with blanks.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let mut left = a.trim_end_matches(' ').chars().map(folded);
    let mut right = b.trim_end_matches(' ').chars().map(folded);
    loop {
        return match (left.next(), right.next()) {
            (None, None) => Ordering::Equal,
            (Some(x), Some(y)) if x == y => continue,
            (Some(x), Some(y)) => x.cmp(&y),
            (Some(x), None) => x.cmp(&' '),
            (None, Some(y)) => ' '.cmp(&y),
        };
    }
}

/// The simple lower-case form: one character for one character.
#[must_use]
pub fn folded(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_trailing_blanks_do_not_count() {
        assert_eq!(compare("Abc", "aBC   "), Ordering::Equal);
        assert_eq!(compare("ŻÓŁW", "żółw"), Ordering::Equal);
        assert_eq!(compare("a", "b"), Ordering::Less);
        assert_eq!(compare(" a", "a"), Ordering::Less);
    }
}
