//! What may be told about bytes that were refused: words for people, and nothing of the bytes that should stay where it was.

/// A row of digits from this length on may be an ICCID; no message of ours has one.
const ICCID: usize = 18;

/// Words for a caller, a column or a log: there are some, few, and no number of a device stands in them.
pub(crate) fn assert_fit(words: &str, longest: usize) {
    assert!(!words.trim().is_empty(), "nothing is told");
    let length = words.chars().count();
    assert!(
        length <= longest,
        "{length} characters are told, {longest} at most: {words:?}"
    );
    let digits = words
        .split(|letter: char| !letter.is_ascii_digit())
        .map(str::len)
        .max();
    assert!(
        digits.unwrap_or_default() < ICCID,
        "what may be the number of a device is told: {words:?}"
    );
}

/// A stable code: small letters, digits and hyphens.
pub(crate) fn assert_code(code: &str) {
    assert!(
        !code.is_empty()
            && code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
        "{code:?} is no stable code"
    );
}
