//! What a person asks and decides by hand, through the binary `ops`: reviews, one device, one Rev account.
//!
//! Nobody's token stands behind these questions, so they take no `Actor`: whoever runs `ops` is whoever the database lets in.

pub mod account;
pub mod moment;
pub mod pause;
pub mod resume;
pub mod review;
pub mod settle;
pub mod show;

/// Who does something by hand, and why: kept beside what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// At most 50 characters, the width of `CreatedBy`.
    pub by: &'a str,
    /// For whoever reads it later.
    pub reason: &'a str,
}
