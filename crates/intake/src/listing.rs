//! What every list takes and answers: `page`, `pageSize`, `sort`, `sortDir` and `filter`, and one page with the length of the whole.

use association::parse::MemberError;
use axum::http::Uri;
use central::listing::{Direction, Filter, Page, Slice, Sort};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    problem::Problem,
    query::{self, Query},
};

/// Rows a page when nothing is said.
pub const PAGE_SIZE: u32 = 25;
/// Rows a page at most.
pub const LARGEST_PAGE: u32 = 500;
/// Beyond this no list has a page.
pub const LAST_PAGE: u32 = 1_000_000;

/// The names that every list knows.
const NAMES: [&str; 5] = ["page", "pageSize", "sort", "sortDir", "filter"];

/// The columns that a list can be ordered by: a closed list, so that nothing of a URL reaches a statement.
pub trait SortKey: Copy + PartialEq + 'static {
    /// Every one.
    const ALL: &'static [Self];

    /// As `sort` names it.
    fn name(self) -> &'static str;
}

/// What a caller asks of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<K> {
    /// Which rows of the list.
    pub page: Page,
    /// In which order.
    pub sort: Sort<K>,
    /// The text that they contain.
    pub filter: Option<Filter>,
}

impl<K: SortKey> Asked<K> {
    /// Reads a URL whose route knows these five names alone.
    pub fn read(uri: &Uri, default: Sort<K>) -> Result<Self, Problem> {
        let mut query = open(uri, &[]);
        let asked = Self::take(&mut query, default);
        query.finish(asked)
    }

    /// Takes the five names out of a query that has others too. Faults stay in the query.
    ///
    /// `sort` without `sortDir` begins at the smallest, but for the order that the list has by itself: that keeps its direction.
    pub(crate) fn take(query: &mut Query, default: Sort<K>) -> Self {
        let page = Page {
            number: query.take("page", |text| query::number("page", text, 1, 1..=LAST_PAGE)),
            size: query.take("pageSize", |text| {
                query::number("pageSize", text, PAGE_SIZE, 1..=LARGEST_PAGE)
            }),
        };
        Self {
            page,
            sort: sort(query, default),
            filter: filter(query),
        }
    }
}

/// Reads a URL whose route knows the names of every list and others.
pub(crate) fn open(uri: &Uri, others: &[&'static str]) -> Query {
    Query::open(uri, &[&NAMES, others])
}

/// `sort` and `sortDir`.
pub(crate) fn sort<K: SortKey>(query: &mut Query, default: Sort<K>) -> Sort<K> {
    let by = query.take("sort", |text| one_of("sort", text, K::ALL, K::name));
    let direction = query.take("sortDir", |text| {
        one_of("sortDir", text, &Direction::ALL, Direction::name)
    });
    let by = by.unwrap_or(default.by);
    let natural = if by == default.by {
        default.direction
    } else {
        Direction::Ascending
    };
    Sort {
        by,
        direction: direction.unwrap_or(natural),
    }
}

/// `filter`.
pub(crate) fn filter(query: &mut Query) -> Option<Filter> {
    query.take("filter", |text| {
        Filter::parse(text.unwrap_or_default())
            .map_err(|error| MemberError::new("?filter", "invalid-filter", error.to_string()))
    })
}

/// One name of a closed list, or none.
pub(crate) fn one_of<T: Copy>(
    parameter: &str,
    text: Option<&str>,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<Option<T>, MemberError> {
    let Some(text) = text else {
        return Ok(None);
    };
    all.iter()
        .copied()
        .find(|one| name(*one) == text)
        .map(Some)
        .ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
            MemberError::new(
                format!("?{parameter}"),
                "not-in-list",
                format!("must be one of {}", names.join(", ")),
            )
        })
}

/// One page of a list, as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Listing<T> {
    /// The rows of the page, in order.
    pub items: Vec<T>,
    /// Which page, from 1.
    pub page: u32,
    /// Rows a page at most.
    pub page_size: u32,
    /// Rows of all pages.
    pub total: i64,
}

impl<T> Listing<T> {
    /// What was found, in the words of the answer.
    pub fn of<R>(slice: Slice<R>, page: Page, view: impl FnMut(R) -> T) -> Self {
        Self {
            items: slice.items.into_iter().map(view).collect(),
            page: page.number,
            page_size: page.size,
            total: slice.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Key {
        Created,
        Status,
    }

    impl SortKey for Key {
        const ALL: &'static [Self] = &[Self::Created, Self::Status];

        fn name(self) -> &'static str {
            match self {
                Self::Created => "created",
                Self::Status => "status",
            }
        }
    }

    const NEWEST: Sort<Key> = Sort {
        by: Key::Created,
        direction: Direction::Descending,
    };

    fn read(query: &str) -> Result<Asked<Key>, Vec<(String, String)>> {
        Asked::read(&format!("/list{query}").parse().unwrap(), NEWEST).map_err(|problem| {
            let document = problem.document("r");
            let document: serde_json::Value = serde_json::from_str(&document).unwrap();
            document["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|error| {
                    let text = |name: &str| error[name].as_str().unwrap().to_owned();
                    (text("pointer"), text("code"))
                })
                .collect()
        })
    }

    #[test]
    fn a_list_has_a_page_and_an_order_by_itself() {
        assert_eq!(
            read("").unwrap(),
            Asked {
                page: Page {
                    number: 1,
                    size: 25
                },
                sort: NEWEST,
                filter: None
            }
        );
        let page = |query| read(query).unwrap().page;
        assert_eq!(
            page("?page=3&pageSize=500"),
            Page {
                number: 3,
                size: 500
            }
        );
    }

    #[test]
    fn the_direction_follows_the_column_unless_it_is_said() {
        for (query, by, direction) in [
            ("?sort=created", Key::Created, Direction::Descending),
            ("?sort=status", Key::Status, Direction::Ascending),
            (
                "?sort=status&sortDir=desc",
                Key::Status,
                Direction::Descending,
            ),
            ("?sortDir=asc", Key::Created, Direction::Ascending),
        ] {
            assert_eq!(read(query).unwrap().sort, Sort { by, direction }, "{query}");
        }
    }

    #[test]
    fn a_filter_is_text_as_it_was_typed() {
        let text = |query| {
            let filter = read(query).unwrap().filter;
            filter.map(|filter| filter.text().to_owned())
        };
        assert_eq!(
            text("?filter=%20O%27Neil+100%25_%5B%20").as_deref(),
            Some("O'Neil 100%_[")
        );
        assert_eq!(text("?filter="), None);
        assert_eq!(text("?filter=+"), None);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let long = format!("?filter={}", "x".repeat(101));
        for (query, faults) in [
            ("?pageSize=0", vec![("?pageSize", "out-of-range")]),
            ("?pageSize=501", vec![("?pageSize", "out-of-range")]),
            ("?page=0", vec![("?page", "out-of-range")]),
            ("?page=", vec![("?page", "out-of-range")]),
            ("?page=1&page=1", vec![("?page", "duplicate-parameter")]),
            ("?sort=iccid", vec![("?sort", "not-in-list")]),
            ("?sort=", vec![("?sort", "not-in-list")]),
            ("?sort=Created", vec![("?sort", "not-in-list")]),
            ("?sortDir=down", vec![("?sortDir", "not-in-list")]),
            (long.as_str(), vec![("?filter", "invalid-filter")]),
            ("?filter=a%00b", vec![("?filter", "invalid-filter")]),
            (
                "?status=NEW&page=x&sort=1;--",
                vec![
                    ("?status", "unknown-parameter"),
                    ("?page", "out-of-range"),
                    ("?sort", "not-in-list"),
                ],
            ),
        ] {
            let found = read(query).unwrap_err();
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|(p, c)| (p.as_str(), c.as_str()))
                .collect();
            assert_eq!(found, faults, "{query}");
        }
    }
}
