//! A browser that a test drives in the words of a person: open, press, type, choose, see.

mod axe;
mod browser;
mod devtools;
mod driver;
mod named;
mod programs;
mod wire;

pub use browser::{Browser, Key};
pub use driver::Driver;
pub use programs::installed;
pub use wire::Wire;
