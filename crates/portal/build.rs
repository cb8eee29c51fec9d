//! Has the crate built again when a file comes to the assets; `include_dir!` notices changed files by itself, new ones not.

fn main() {
    println!("cargo::rerun-if-changed=assets");
}
