//! How large the packages are that `make build` makes.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use end_to_end::{
    function::Function,
    packages::{FOLDER, package},
};

use crate::{
    lambda::beside_this_program,
    report::{Goal, Section, grouped},
};

const ARCHITECTURES: [&str; 2] = ["arm64", "x86_64"];
const FUNCTIONS: [Function; 2] = [Function::Intake, Function::Consumer];
/// Bytes of a zip at most.
const MOST: usize = 6_000_000;

pub(crate) fn measure() -> anyhow::Result<Section> {
    let mut rows = Vec::new();
    let mut largest: [Option<usize>; 2] = [None; 2];
    for (architecture, largest) in ARCHITECTURES.iter().zip(&mut largest) {
        let mut sizes = Vec::new();
        for function in FUNCTIONS {
            let size = match find(function, architecture)? {
                Some(zip) => Some(usize::try_from(fs::metadata(&zip)?.len())?),
                None => None,
            };
            rows.push(vec![
                function.name().to_owned(),
                (*architecture).to_owned(),
                size.map_or_else(|| "not measured".to_owned(), grouped),
            ]);
            sizes.push(size);
        }
        // One that was not built says nothing of the other.
        *largest = sizes
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .and_then(|sizes| sizes.into_iter().max());
    }
    let [arm, intel] = largest
        .map(|size| size.map(|size| (format!("{} bytes at the most", grouped(size)), size < MOST)));
    Ok(Section {
        title: "Packages",
        head: &["function", "architecture", "zip, bytes"],
        rows,
        goals: vec![
            Goal::of("each zip for arm64 under 6,000,000 bytes", arm),
            Goal::of("each zip for x86_64 under 6,000,000 bytes", intel),
        ],
    })
}

/// The package of a function for this machine, if it was built.
pub(crate) fn of_this_machine(function: Function) -> anyhow::Result<Option<PathBuf>> {
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    find(function, architecture)
}

fn find(function: Function, architecture: &str) -> anyhow::Result<Option<PathBuf>> {
    // The variable names the folder of one architecture.
    let all = match std::env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder).join(".."),
        None => beside_this_program()?.join("../lambda"),
    };
    let zip = package(&all.join(architecture), function);
    zip.try_exists()
        .map(|there| there.then_some(zip))
        .context("packages cannot be looked for")
}
