//! Answers of more than a kilobyte go out as gzip where the caller takes it: a page of 500 devices is 250 KB of JSON, and a lambda's
//! answer ends at 6 MB.
//!
//! The entity tag of an answer is weak, so the same one holds for both forms; `Vary: Accept-Encoding` keeps them apart in a cache.

use tower_http::compression::{
    CompressionLayer,
    predicate::{NotForContentType, Predicate, SizeAbove},
};

/// Below this many bytes compressing costs more than it saves.
const WORTH_IT: u16 = 1024;

/// Spreadsheets are ZIP files.
const COMPRESSED_ALREADY: NotForContentType =
    NotForContentType::const_new("application/vnd.openxmlformats");

/// Around everything that writes a body.
#[must_use]
pub fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(SizeAbove::new(WORTH_IT).and(COMPRESSED_ALREADY))
}
