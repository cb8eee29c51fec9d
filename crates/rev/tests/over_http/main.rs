//! The client over real HTTP, against the stand-in.

#[path = "../scene/mod.rs"]
mod scene;

mod answers;
mod tokens;
