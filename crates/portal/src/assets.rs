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
    use std::path::{Component, Path, PathBuf};

    use super::*;
    use crate::Page;

    fn text(path: &str) -> &'static str {
        std::str::from_utf8(asset(hash(), path).unwrap().bytes).unwrap()
    }

    /// `js/pages/index.js` and `../api.js` give `js/api.js`.
    fn beside(file: &str, import: &str) -> String {
        let mut path = PathBuf::new();
        for part in Path::new(file).parent().unwrap().join(import).components() {
            match part {
                Component::ParentDir => assert!(path.pop(), "{file} imports {import}"),
                Component::CurDir => {}
                part => path.push(part),
            }
        }
        path.to_str().unwrap().to_owned()
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
        let mut imports = 0;
        for (path, _) in files(&ASSETS)
            .iter()
            .filter(|(path, _)| path.ends_with(".js"))
        {
            for line in text(path).lines() {
                let Some((_, rest)) = line.split_once(" from \"") else {
                    continue;
                };
                let import = rest.split('"').next().unwrap();
                assert!(import.starts_with('.'), "{path} imports {import}");
                let target = beside(path, import);
                assert!(asset(hash(), &target).is_some(), "{path} imports {target}");
                imports += 1;
            }
        }
        assert!(imports > 10, "{imports}");
    }

    #[test]
    fn no_script_makes_markup_or_code_out_of_text() {
        for (path, _) in files(&ASSETS)
            .iter()
            .filter(|(path, _)| path.ends_with(".js"))
        {
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
