//! Takes the body of a request: JSON by name, and no larger than a request can be.

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use futures::StreamExt;

use crate::problem::{Kind, Problem};

/// The most bytes of a body: 1 MB. 10,000 ICCIDs need a quarter of it.
pub const LIMIT: usize = 1024 * 1024;

/// The bytes of a JSON body.
pub async fn json(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    if !is_json(headers) {
        return Err(Problem::new(
            Kind::UnsupportedMediaType,
            "Send the body with Content-Type: application/json.",
        ));
    }
    let mut bytes = Vec::new();
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece
            .map_err(|_| Problem::new(Kind::NotJson, "The body ended before it was complete."))?;
        if bytes.len() + piece.len() > LIMIT {
            return Err(Problem::new(
                Kind::TooLarge,
                format!("A body has at most {LIMIT} bytes: split the request."),
            ));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// `application/json`, in UTF-8 if a charset is named (RFC 8259 knows no other).
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let mut parts = kind.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_json_in_utf_8_is_json() {
        for (kind, taken) in [
            ("application/json", true),
            ("Application/JSON; charset=\"UTF-8\"", true),
            ("application/json; charset=latin1", false),
            ("text/json", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            assert_eq!(is_json(&headers), taken, "{kind}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
