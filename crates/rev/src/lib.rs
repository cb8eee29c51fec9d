//! The Rev.io client: token, calls, outcome classes.
//!
//! Money moves here. Every answer becomes a [`Class`], and the class decides what follows: an uncertain answer is
//! [`Class::Unknown`] and is settled by looking up ([`settle::settle`]), never by sending again.
//!
//! What differs between the forms of Rev.io's API (paths, authentication, bodies) is in [`contract`] and nowhere else.
//! The caller takes call slots from the budget; nothing here waits for one.
#![cfg_attr(
    not(feature = "client"),
    expect(dead_code, reason = "how calls are written is for the client alone")
)]

mod account;
mod class;
#[cfg(feature = "client")]
mod client;
pub mod contract;
mod error;
mod exchange;
#[cfg(feature = "client")]
mod fault_points;
#[cfg(feature = "client")]
mod http;
mod reason;
mod retry_after;
pub mod settle;
#[cfg(feature = "client")]
mod token;

pub use account::{Account, BaseUrl, Credentials, Settings};
pub use class::{Call, Class, Received, classify};
#[cfg(feature = "client")]
pub use client::{Answer, Client};
pub use contract::{Customer, Page, ServiceProduct, body};
pub use error::BaseUrlRefused;
#[cfg(feature = "client")]
pub use error::ClientError;
pub use exchange::Exchange;
pub use settle::{Found, settle, settle_uncalled};
