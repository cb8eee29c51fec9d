//! Certificate authorities that are trusted beside those of the system, or rather instead of them.
//!
//! Amazon RDS signs with authorities of its own that are in no system's store. The driver takes one certificate in a file, so a
//! bundle is taken apart, and the one that the server's certificate comes from is found out at the first connection.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use uuid::Uuid;

/// As many as the bundle of one Amazon RDS region may ever hold. Each that does not fit costs the first connection a handshake.
const MOST: usize = 8;

/// Why certificate authorities are not used.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The file cannot be read, or the copies cannot be written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It is not a file in PEM form.
    #[error("{0} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")]
    Empty(String),
    /// One of them is no certificate.
    #[error("certificate {number} of {path} cannot be read")]
    Unreadable {
        /// Which file.
        path: String,
        /// Counted from 1.
        number: usize,
    },
    /// The bundle of all regions, presumably.
    #[error(
        "{path} holds {found} certificates, and {MOST} are the most: take the bundle of the database's own region"
    )]
    TooMany {
        /// Which file.
        path: String,
        /// How many it holds.
        found: usize,
    },
}

/// The certificates of one PEM file, each in a file of its own for the driver.
#[derive(Debug)]
pub(crate) struct Authorities {
    files: Vec<PathBuf>,
    folder: PathBuf,
    /// Which one the server's certificate came from last.
    last: AtomicUsize,
}

impl Authorities {
    pub(crate) fn read(path: &Path) -> Result<Arc<Self>, AuthorityError> {
        let shown = || path.display().to_string();
        let failed = |source| AuthorityError::File {
            path: shown(),
            source,
        };
        let text = fs::read(path).map_err(failed)?;
        let mut certificates = Vec::new();
        for (place, read) in CertificateDer::pem_slice_iter(&text).enumerate() {
            let certificate = read.ok().filter(is_authority);
            certificates.push(certificate.ok_or_else(|| AuthorityError::Unreadable {
                path: shown(),
                number: place + 1,
            })?);
        }
        match certificates.len() {
            0 => return Err(AuthorityError::Empty(shown())),
            found if found > MOST => {
                return Err(AuthorityError::TooMany {
                    path: shown(),
                    found,
                });
            }
            _ => {}
        }
        // A new folder, so that nobody else can have laid a file there.
        let folder = std::env::temp_dir().join(format!("authorities-{}", Uuid::new_v4()));
        let mut made = Self {
            files: Vec::new(),
            folder,
            last: AtomicUsize::new(0),
        };
        fs::create_dir(&made.folder).map_err(failed)?;
        for (place, certificate) in certificates.iter().enumerate() {
            let file = made.folder.join(format!("{place}.der"));
            fs::write(&file, certificate).map_err(failed)?;
            made.files.push(file);
        }
        Ok(Arc::new(made))
    }

    /// The files, that of the last connection first.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = (usize, &Path)> {
        let last = self.last.load(Ordering::Relaxed);
        let places = self.files.len();
        (0..places)
            .map(move |step| (last + step) % places)
            .filter_map(|place| Some((place, self.files.get(place)?.as_path())))
    }

    pub(crate) fn remember(&self, place: usize) {
        self.last.store(place, Ordering::Relaxed);
    }
}

impl Drop for Authorities {
    fn drop(&mut self) {
        // can fail: it lies among temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn is_authority(certificate: &CertificateDer<'_>) -> bool {
    webpki::anchor_from_trusted_cert(certificate).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Arc<Authorities>, AuthorityError> {
        let file = std::env::temp_dir().join(format!("authority-{}.pem", Uuid::new_v4()));
        fs::write(&file, text).unwrap();
        let read = Authorities::read(&file);
        fs::remove_file(&file).unwrap();
        read
    }

    #[test]
    fn what_is_no_certificate_is_told_with_its_place() {
        let nothing = read("not a certificate").unwrap_err();
        assert!(
            nothing.to_string().contains("no certificate in PEM form"),
            "{nothing}"
        );
        let garbage =
            read("-----BEGIN CERTIFICATE-----\nZmFrZQ==\n-----END CERTIFICATE-----\n").unwrap_err();
        assert!(
            garbage.to_string().starts_with("certificate 1 of"),
            "{garbage}"
        );
        let missing = Authorities::read(Path::new("/nowhere/authority.pem")).unwrap_err();
        assert!(
            missing.to_string().contains("/nowhere/authority.pem"),
            "{missing}"
        );
    }
}
