//! How text compares: without case, and without trailing blanks.

use std::cmp::Ordering;

/// The collation's name in SQLite.
pub const COLLATION: &str = "MSSQL";

/// Compares by the lower-case form of each character, as if the shorter text went on with blanks.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_end_matches(' '), b.trim_end_matches(' '));
    // Numbers of devices begin alike; what is the same byte for byte needs no folding.
    let mut same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    while !a.is_char_boundary(same) {
        same -= 1;
    }
    let mut left = a[same..].chars().map(folded);
    let mut right = b[same..].chars().map(folded);
    loop {
        // The shorter text counts as if blanks filled it up, all the way.
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (x, y) => x.unwrap_or(' ').cmp(&y.unwrap_or(' ')),
        };
        if order.is_ne() {
            return order;
        }
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
        assert_eq!(compare("Customer", "Customer Rate Plan"), Ordering::Less);
        assert_eq!(compare("Customer Rate Plan", "customer"), Ordering::Greater);
    }
}
