//! The system as it is deployed: template.yaml and the packages of both functions on the AWS stand-in, with its gateway, queues,
//! event source mapping and schedule in between. Database, Rev.io and sign-in are the stand-ins of the other tests, in the test's
//! own process, so that what came of it is looked at from outside.
//!
//! `make e2e` builds the packages and runs this. Without `LAMBDA_PACKAGES` the debug binaries beside this one are deployed.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod ground;
mod poison;
mod queue_away;
mod redelivered;
mod site;
mod thousand_devices;
mod two_stacks;
