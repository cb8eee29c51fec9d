//! Where the programs and files are that are not built here.

use std::{env, path::PathBuf};

/// The browser and what drives it. Fails the test with what to do when one of them is not installed: a browser test that skips
/// itself would be green on every machine that cannot run it.
pub fn installed(program: &str, path: Option<&std::ffi::OsStr>) -> PathBuf {
    let folders = path.map(env::split_paths).into_iter().flatten();
    let found = folders
        .map(|folder| folder.join(program))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "{program} is not installed, and the browser tests drive it: run infra/checks/browser/install as root, \
             or install the Debian packages yourself (apt-get install chromium chromium-driver)"
        )
    })
}

/// axe-core, as infra/checks/browser/package-lock.json pins it.
pub fn axe() -> String {
    // `<target>/tmp` is what Cargo tells integration tests.
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = target
        .parent()
        .unwrap()
        .join("browser-node/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; run infra/checks/browser/install, which installs axe-core there",
            file.display()
        )
    })
}
