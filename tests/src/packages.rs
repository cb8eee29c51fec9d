//! The packages that `make build` makes: a zip for each function and architecture with the file `bootstrap` in it.

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::function::Function;

/// The variable that names the folder with the packages of this machine's architecture.
pub const FOLDER: &str = "LAMBDA_PACKAGES";

/// Where a function's package lies within a folder of packages.
#[must_use]
pub fn package(folder: &Path, function: Function) -> PathBuf {
    folder.join(function.name()).join("bootstrap.zip")
}

/// Takes the binary out of a package, as Lambda does.
pub fn unpack(package: &Path, to: &Path) -> anyhow::Result<()> {
    let file = fs::File::open(package)
        .with_context(|| format!("{} cannot be opened", package.display()))?;
    let mut archive = zip::ZipArchive::new(file)?;
    let mut bootstrap = archive
        .by_name("bootstrap")
        .with_context(|| format!("{} holds no `bootstrap`", package.display()))?;
    let mut binary = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o755)
        .open(to)
        .with_context(|| format!("{} cannot be written", to.display()))?;
    io::copy(&mut bootstrap, &mut binary)?;
    Ok(())
}
