//! The portal: HTML shells without data, and the scripts and styles that fill them.
//!
//! Everything is embedded at build time and served as it stands in `assets/`; there is no build step. Nothing here knows HTTP or a
//! customer's data: the intake lambda puts [`page`] and [`asset`] behind its routes, and the scripts fetch the data from its JSON
//! routes with the token of the person.
//!
//! # How a page comes to be
//!
//! `src/shell.html` is the frame of every page. It names a stylesheet and a module of its own for each page
//! (`css/pages/<name>.css`, `js/pages/<name>.js`) below `/assets/<hash>/`. The hash is over all assets together, so that relative
//! imports of ES modules stay within one version and everything below it may be cached for good.

mod assets;
mod escape;
mod page;
mod sign_in;

pub use assets::{Asset, asset, hash};
pub use page::{Page, Shell, page};
pub use sign_in::{Client, SignIn};
