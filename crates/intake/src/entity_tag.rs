//! Entity tags (RFC 9110, sections 8.8.3 and 13.1.2): tells whether a caller has the newest answer already.
//!
//! Ours are weak. The same tag stands for answers that differ in what moves with the clock alone (the estimated finish), and for the
//! plain and the compressed form of one; a strong tag would promise equal bytes.

use axum::http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A weak entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// The tag of everything that is told.
    pub(crate) fn of(told: &impl Serialize) -> Self {
        // What is told is made of texts, numbers and lists, which always serialise.
        let digest = Sha256::digest(serde_json::to_vec(told).unwrap_or_default());
        let hex = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
        Self(hex.collect())
    }

    /// `W/"…"`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("W/\"{}\"", self.0)).ok()
    }
}

/// What a caller has already: the header If-None-Match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// There is no such header, or none that can be read.
    Nothing,
    /// `*`: whatever there is.
    Anything,
    /// One of these.
    Tags(Vec<String>),
}

impl Known {
    /// Reads the header; several are one list. A list that cannot be read to its end counts as far as it was read.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut known = Vec::new();
        for value in headers.get_all(header::IF_NONE_MATCH) {
            let Ok(text) = value.to_str() else { continue };
            if text.trim() == "*" {
                return Self::Anything;
            }
            known.extend(opaque_tags(text));
        }
        if known.is_empty() {
            Self::Nothing
        } else {
            Self::Tags(known)
        }
    }

    /// Whether the caller has this one, by weak comparison: `W/` makes no difference.
    pub(crate) fn has(&self, tag: &EntityTag) -> bool {
        match self {
            Self::Nothing => false,
            Self::Anything => true,
            Self::Tags(tags) => tags.contains(&tag.0),
        }
    }
}

/// What stands between the quotes of each entity tag. A comma may stand there too, so that a list cannot be cut at commas.
fn opaque_tags(mut rest: &str) -> Vec<String> {
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let quoted = rest.strip_prefix("W/").unwrap_or(rest);
        let Some((tag, after)) = quoted.strip_prefix('"').and_then(|tag| tag.split_once('"'))
        else {
            return tags;
        };
        tags.push(tag.to_owned());
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(values: &[&'static str]) -> Known {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(value));
        }
        Known::read(&headers)
    }

    #[test]
    fn a_tag_is_known_in_every_form_that_the_header_may_have() {
        let tag = EntityTag("abc".to_owned());
        for (values, expected) in [
            (&[][..], false),
            (&["*"], true),
            (&[" * "], true),
            (&[r#"W/"abc""#], true),
            (&[r#""abc""#], true),
            (&[r#""x", W/"abc""#], true),
            (&[r#""x",W/"y" ,	"abc","z""#], true),
            (&[r#""x""#, r#""abc""#], true),
            (&[r#""a,b", "abc""#], true),
            (&[r#""x", "ABC""#], false),
            (&[r#"w/"abc""#], false),
            (&["abc"], false),
            (&[r#""abc"#], false),
            (&[r#""abcd""#], false),
            (&[r#"x, "abc""#], false),
            (&[""], false),
        ] {
            assert_eq!(known(values).has(&tag), expected, "{values:?}");
        }
    }

    #[test]
    fn what_differs_has_another_tag_and_a_tag_is_a_weak_header() {
        let tag = EntityTag::of(&("a", 1));
        assert_eq!(tag, EntityTag::of(&("a", 1)));
        assert_ne!(tag, EntityTag::of(&("a", 2)));
        let header = tag.header().unwrap();
        let text = header.to_str().unwrap();
        assert!(text.starts_with("W/\"") && text.len() == 36, "{text}");
    }
}
