//! The Rev.io client: token, calls, outcome classes.
//!
//! Money moves here. Every answer becomes a [`Class`], and the class decides what follows: an uncertain answer is
//! [`Class::Unknown`] and is settled by looking up ([`settle::settle`]), never by sending again.
//!
//! What differs between the forms of Rev.io's API (paths, authentication, bodies) is in [`contract`] and nowhere else.
//! The caller takes call slots from the budget; nothing here waits for one.

mod account;
mod class;
mod client;
pub mod contract;
mod error;
mod exchange;
mod fault_points;
mod http;
mod reason;
mod retry_after;
pub mod settle;
mod token;

pub use account::{Account, BaseUrl, Credentials, Settings};
pub use class::{Call, Class, Received, classify};
pub use client::{Answer, Client};
pub use contract::{Customer, Page, ServiceProduct, body};
pub use error::{BaseUrlRefused, ClientError};
pub use exchange::Exchange;
pub use settle::{Found, settle, settle_uncalled};
