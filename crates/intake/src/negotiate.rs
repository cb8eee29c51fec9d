//! One path, two answers: a page for a person's browser, data for a program (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

/// Whether the caller would rather have HTML than JSON. Programs that accept anything, or say nothing, get JSON.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accepted: Vec<Range> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(Range::read)
        .collect();
    quality(&accepted, "text", "html") > quality(&accepted, "application", "json")
}

/// One media range: `text/html`, `text/*` or `*/*`.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// `q` in thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .map_or(Some(1000), |(_, value)| thousandths(value.trim()))?;
        Some(Self {
            kind,
            subtype,
            quality,
        })
    }

    /// How exactly it names a type; none when it does not.
    fn names(&self, kind: &str, subtype: &str) -> Option<u8> {
        if self.kind == "*" && self.subtype == "*" {
            return Some(0);
        }
        if !self.kind.eq_ignore_ascii_case(kind) {
            return None;
        }
        if self.subtype == "*" {
            return Some(1);
        }
        self.subtype.eq_ignore_ascii_case(subtype).then_some(2)
    }
}

/// Of the ranges that name a type, the most exact one counts.
fn quality(accepted: &[Range<'_>], kind: &str, subtype: &str) -> u16 {
    accepted
        .iter()
        .filter_map(|range| Some((range.names(kind, subtype)?, range.quality)))
        .max()
        .map_or(0, |(_, quality)| quality)
}

/// A weight of RFC 9110, section 12.4.2: 0 to 1 with at most three digits behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !matches!(whole, "0" | "1") {
        return None;
    }
    format!("{whole}{rest:0<3}")
        .parse()
        .ok()
        .filter(|quality| *quality <= 1000)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_get_data() {
        let chromium =
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
        for (accept, page) in [
            (Some(chromium), true),
            (Some("text/html"), true),
            (Some("TEXT/HTML"), true),
            (Some("text/*, application/json;q=0.9"), true),
            (Some("text/html, */*;q=0.999"), true),
            (None, false),
            (Some(""), false),
            (Some("*/*"), false),
            (Some("application/json"), false),
            (Some("text/html, application/json"), false),
            (Some("text/html;q=0.5, application/json"), false),
            (Some("text/html;q=0.5, */*"), false),
            (Some("text/html;q=0"), false),
            (Some("text/html;q=2, application/json;q=0.1"), false),
            (Some("html"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
            }
            assert_eq!(wants_page(&headers), page, "{accept:?}");
        }
    }

    #[test]
    fn several_accept_headers_count_as_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::ACCEPT,
            HeaderValue::from_static("application/json;q=0.5"),
        );
        headers.append(header::ACCEPT, HeaderValue::from_static("text/html"));
        assert!(wants_page(&headers));
    }
}
