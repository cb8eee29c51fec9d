//! Binaries for local runs: database, Rev.io stand-in, sign-in stand-in, sample data.

pub mod aws_stand_in;
pub mod database;
pub mod demo;
pub mod dev;
pub mod event_samples;
pub mod logins;
mod ports;
pub mod rev;
pub mod sample;
pub mod sign_in;
