//! Scripts, styles and pictures, embedded, under one hash.

use std::sync::LazyLock;

use include_dir::{Dir, DirEntry, File, include_dir};
use sha2::{Digest, Sha256};

static ASSETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets");
static HASH: LazyLock<String> = LazyLock::new(|| hash_of(&files(&ASSETS)));

/// Hexadecimal digits of the hash in a path: 64 bits, far more than the versions that will ever be.
const DIGITS: usize = 16;

/// One file, as it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The whole file.
    pub bytes: &'static [u8],
}

/// The hash that stands in the path of every asset: another one as soon as any of them changes.
#[must_use]
pub fn hash() -> &'static str {
    &HASH
}

/// The asset at `/assets/{hash}/{path}`; none for a path that is none, and for the hash of another version.
#[must_use]
pub fn asset(hash: &str, path: &str) -> Option<Asset> {
    if hash != self::hash() {
        return None;
    }
    let file = ASSETS.get_file(path)?;
    Some(Asset {
        content_type: content_type(path)?,
        bytes: file.contents(),
    })
}

/// Every module that a script imports, and that those import, in no order of meaning and without the script itself.
pub(crate) fn imports(script: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![script.to_owned()];
    while let Some(path) = open.pop() {
        for target in imported(&path) {
            if target != script && !found.contains(&target) {
                found.push(target.clone());
                open.push(target);
            }
        }
    }
    found.sort_unstable();
    found
}

/// What one script imports. Ours have each import on the line that ends with its `from "…";`.
fn imported(path: &str) -> Vec<String> {
    let text = ASSETS
        .get_file(path)
        .and_then(File::contents_utf8)
        .unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(" from \"")?.1.strip_suffix("\";"))
        .map(|import| beside(path, import))
        .collect()
}

/// Where a relative import leads: `js/pages/index.js` and `../api.js` give `js/api.js`.
fn beside(file: &str, import: &str) -> String {
    let mut path: Vec<&str> = file.split('/').collect();
    path.pop();
    for part in import.split('/') {
        match part {
            "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.join("/")
}

fn content_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    match extension {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// Every file with its path, sorted by it.
fn files(folder: &'static Dir<'static>) -> Vec<(&'static str, &'static [u8])> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found.sort_unstable_by_key(|(path, _)| *path);
    found
}

fn collect(folder: &'static Dir<'static>, found: &mut Vec<(&'static str, &'static [u8])>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => collect(folder, found),
            DirEntry::File(file) => found.extend(named(file)),
        }
    }
}

fn named(file: &'static File<'static>) -> Option<(&'static str, &'static [u8])> {
    Some((file.path().to_str()?, file.contents()))
}

/// Lengths are part of it, so that no file's end can be taken for the next one's beginning.
fn hash_of(files: &[(&str, &[u8])]) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        for piece in [path.as_bytes(), bytes] {
            hash.update((piece.len() as u64).to_be_bytes());
            hash.update(piece);
        }
    }
    let mut text = String::with_capacity(DIGITS);
    for byte in hash.finalize().iter().take(DIGITS / 2) {
        for digit in [byte >> 4, byte & 0xf] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Page;

    fn scripts() -> impl Iterator<Item = &'static str> {
        let is_script =
            |path: &&str| content_type(path).is_some_and(|kind| kind.contains("javascript"));
        files(&ASSETS)
            .into_iter()
            .map(|(path, _)| path)
            .filter(is_script)
    }

    fn text(path: &str) -> &'static str {
        std::str::from_utf8(asset(hash(), path).unwrap().bytes).unwrap()
    }

    #[test]
    fn the_hash_changes_with_any_path_and_any_byte() {
        let all: [&[(&str, &[u8])]; 5] = [
            &[("a", b"b")],
            &[("a", b"c")],
            &[("c", b"b")],
            &[("ab", b"")],
            &[("a", b"b"), ("b", b"")],
        ];
        let mut hashes: Vec<String> = all.into_iter().map(hash_of).collect();
        assert!(hashes.iter().all(|hash| hash.len() == DIGITS));
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), all.len());
    }

    #[test]
    fn every_file_is_served_with_its_type_and_under_this_hash_only() {
        for (path, bytes) in files(&ASSETS) {
            let asset = asset(hash(), path).unwrap_or_else(|| panic!("{path} has no type"));
            assert_eq!(asset.bytes, bytes);
            assert_eq!(super::asset("0123456789abcdef", path), None);
        }
        for path in ["", "js", "js/none.js", "../Cargo.toml", "/js/api.js"] {
            assert_eq!(asset(hash(), path), None, "{path}");
        }
    }

    #[test]
    fn every_page_has_its_script_and_its_style() {
        for page in Page::ALL {
            assert!(text(&page.script()).starts_with("/**"), "{page:?}");
            assert!(asset(hash(), &page.style()).is_some(), "{page:?}");
        }
    }

    #[test]
    fn every_import_leads_to_a_file_that_is_there() {
        let mut seen = 0;
        for path in scripts() {
            let words = text(path).matches(" from \"").count();
            let imports = imported(path);
            assert_eq!(
                imports.len(),
                words,
                "{path}: an import on a line of its own"
            );
            for target in imports {
                assert!(asset(hash(), &target).is_some(), "{path} imports {target}");
                seen += 1;
            }
        }
        assert!(seen > 10, "{seen}");
    }

    #[test]
    fn a_page_knows_every_module_that_it_needs() {
        let needed = imports(&Page::Index.script());
        for module in ["js/frame.js", "js/api.js", "js/store.js"] {
            assert!(needed.iter().any(|one| one == module), "{module}");
        }
        assert!(!needed.contains(&Page::Index.script()));
        assert!(!needed.contains(&"js/wizard/check.js".to_owned()));
        let mut distinct = needed.clone();
        distinct.dedup();
        assert_eq!(needed, distinct);
    }

    #[test]
    fn no_script_makes_markup_or_code_out_of_text() {
        for path in scripts() {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "DOMParser",
                "eval(",
                "new Function",
                "setAttribute(\"style\"",
            ] {
                assert!(!text(path).contains(forbidden), "{path}: {forbidden}");
            }
        }
    }
}
