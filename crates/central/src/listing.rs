//! What every list is asked for: which page, in which order, with which text in it.

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// Rows a page.
    pub size: u32,
}

impl Page {
    /// Rows that stand before it.
    #[must_use]
    pub fn rows_before(self) -> i64 {
        i64::from(self.number.saturating_sub(1)) * i64::from(self.size)
    }

    /// Rows on it at most.
    #[must_use]
    pub fn rows(self) -> i64 {
        i64::from(self.size)
    }
}

/// Which end of an order comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ascending, Self::Descending];

    /// As parameters of a URL and of a statement name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// An order. `K` is the closed list of columns that a question can be ordered by; a statement breaks ties by the primary key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort<K> {
    /// By what.
    pub by: K,
    /// Which end first.
    pub direction: Direction,
}

/// Text that a row must contain. `%`, `_` and `[` stand for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(String);

/// Why a text is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    /// More than [`Filter::LONGEST`].
    #[error("must have at most {} characters", Filter::LONGEST)]
    TooLong,
    /// No column holds such a character.
    #[error("must not contain control characters")]
    Control,
}

impl Filter {
    /// Characters at most.
    pub const LONGEST: usize = 100;

    /// Reads what somebody typed. Blanks around it do not count; of nothing else there is no filter.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidFilter> {
        let text = text.trim();
        if text.chars().count() > Self::LONGEST {
            return Err(InvalidFilter::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidFilter::Control);
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    /// As it was typed, for `CHARINDEX` and `=`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// For `LIKE`, which then needs no ESCAPE: whatever has a meaning there stands in brackets, where it has none.
    #[must_use]
    pub fn pattern(&self) -> String {
        let mut pattern = String::with_capacity(self.0.len() + 2);
        pattern.push('%');
        for letter in self.0.chars() {
            match letter {
                '%' | '_' | '[' => pattern.extend(['[', letter, ']']),
                letter => pattern.push(letter),
            }
        }
        pattern.push('%');
        pattern
    }
}

/// One page of a list, and how long the list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T> {
    /// The rows of the page, in order.
    pub items: Vec<T>,
    /// Rows of all pages.
    pub total: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_count_from_one() {
        let rows_before = |number, size| Page { number, size }.rows_before();
        assert_eq!(rows_before(1, 25), 0);
        assert_eq!(rows_before(3, 25), 50);
        assert_eq!(rows_before(u32::MAX, 500), 500 * (i64::from(u32::MAX) - 1));
    }

    #[test]
    fn what_like_gives_a_meaning_to_stands_in_brackets() {
        let filter = Filter::parse(" 50%_[a]^-' ").unwrap().unwrap();
        assert_eq!(filter.text(), "50%_[a]^-'");
        assert_eq!(filter.pattern(), "%50[%][_][[]a]^-'%");
    }

    #[test]
    fn nothing_is_no_filter_and_a_filter_has_a_length() {
        assert_eq!(Filter::parse(" \t "), Ok(None));
        assert!(Filter::parse(&"ä".repeat(100)).unwrap().is_some());
        assert_eq!(Filter::parse(&"ä".repeat(101)), Err(InvalidFilter::TooLong));
        assert_eq!(Filter::parse("a\0b"), Err(InvalidFilter::Control));
    }
}
