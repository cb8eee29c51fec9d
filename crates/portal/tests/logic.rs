//! The parts of the portal's scripts that are plain logic, run by Node.js as they stand in `assets/`.
#![allow(
    clippy::expect_used,
    reason = "what a test cannot run is a failed test"
)]

use std::{path::Path, process::Command};

#[test]
fn the_logic_of_the_scripts_does_as_its_tests_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder.join("tests/logic"))
        .expect("the tests of the scripts")
        .map(|entry| entry.expect("a file").path());
    let output = Command::new("node")
        .args(["--test", "--test-reporter=tap"])
        .args(files)
        .output()
        .expect("Node.js 20 or newer runs these tests, and is not on the PATH");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("# fail 0") && !told.contains("# pass 0"),
        "{told}"
    );
}
