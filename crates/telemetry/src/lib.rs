//! What the lambdas tell while they run: log lines ([`logs`]), panics ([`panics`]) and metrics ([`metric`], [`measure`],
//! [`lines`]). docs/LOGGING.md lists every line and every metric.
//!
//! A library of this project says what it counted by a function of [`measure`], so that names and units stand in one place.
//! Where nobody started the metrics (tests, tools), such a call does nothing.

pub mod lines;
pub mod logs;
pub mod measure;
pub mod metric;
pub mod panics;
