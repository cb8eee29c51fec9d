//! Every input of the corpus through its target.

use std::{
    collections::BTreeSet,
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

/// The whole corpus stays small: it is read by people and sent with every clone.
const LARGEST_CORPUS: usize = 300 * 1024;
/// A target of fewer inputs has lost its seeds.
const FEWEST: usize = 8;

/// Where the inputs of a target are.
pub(crate) fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target)
}

/// The inputs of a target with their names, in the order of these.
pub(crate) fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = folder(target);
    let files =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut inputs: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect();
    inputs.sort();
    inputs
}

#[test]
fn every_input_of_the_corpus_keeps_the_promises_of_its_target() {
    let mut broken = Vec::new();
    let mut bytes = 0;
    for (target, run) in fuzz::TARGETS {
        let inputs = inputs(target);
        assert!(
            inputs.len() >= FEWEST,
            "{target}: {} inputs in fuzz/corpus/{target}",
            inputs.len()
        );
        println!("{target}: {} inputs", inputs.len());
        for (name, input) in inputs {
            bytes += input.len();
            if catch_unwind(|| run(&input)).is_err() {
                broken.push(format!("fuzz/corpus/{target}/{name}"));
            }
        }
    }
    println!("{bytes} bytes in all");
    assert!(
        broken.is_empty(),
        "a promise is broken by {}; what it is stands above",
        broken.join(", ")
    );
    assert!(
        bytes <= LARGEST_CORPUS,
        "{bytes} bytes: minimise it (docs/decisions/0230)"
    );
}

#[test]
fn most_answers_of_the_corpus_have_the_form_that_the_target_reads() {
    let inputs = inputs("rev_answer");
    let read = inputs
        .iter()
        .filter(|(_, input)| fuzz::is_answer(input))
        .count();
    println!("{read} of {} inputs are answers", inputs.len());
    assert!(
        2 * read > inputs.len(),
        "{read} of {} inputs are read: the target tries nothing of the others",
        inputs.len()
    );
}

#[test]
fn every_target_has_a_program_a_corpus_and_a_place_in_the_manifest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = |folder: &str| -> BTreeSet<String> {
        let files = fs::read_dir(root.join(folder)).unwrap();
        files
            .map(|file| {
                file.unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    };
    let targets: BTreeSet<String> = fuzz::TARGETS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(names("fuzz_targets"), targets);
    assert_eq!(names("corpus"), targets);
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for name in targets {
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
            "{name}"
        );
    }
}
