//! A port for a stand-in that nobody else has, or takes before the stand-in listens.

use std::{
    fs::{File, OpenOptions},
    net::TcpListener,
    ops::Range,
    path::Path,
};

use anyhow::Context;

/// First port that the system may hand out by itself (Linux, `ip_local_port_range`).
///
/// A stand-in listens on a port below it: above, any program's outgoing connection may sit there just now.
pub const FIRST_EPHEMERAL_PORT: u16 = 32_768;

/// Where a free port is looked for.
const CANDIDATES: Range<u16> = 28_000..28_400;

/// A port on 127.0.0.1 with a lock on it, which whoever looks for one here respects, whatever checkout he works in. The system
/// frees the lock when the process ends, however it ends.
#[derive(Debug)]
pub struct FreePort {
    number: u16,
    _lock: File,
}

impl FreePort {
    /// The first that nobody listens on and nobody has locked.
    pub fn take() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join("aws-stand-in-ports");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        CANDIDATES
            .into_iter()
            .find_map(|number| Self::lock(&folder, number))
            .with_context(|| {
                format!(
                    "no port from {} to {} on 127.0.0.1 is free",
                    CANDIDATES.start,
                    CANDIDATES.end - 1
                )
            })
    }

    fn lock(folder: &Path, number: u16) -> Option<Self> {
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(number.to_string()))
            .ok()?;
        lock.try_lock().ok()?;
        TcpListener::bind(("127.0.0.1", number)).ok()?;
        Some(Self {
            number,
            _lock: lock,
        })
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::{FIRST_EPHEMERAL_PORT, FreePort};

    #[test]
    fn no_two_have_the_same_port_and_a_taken_one_is_left_out() {
        let first = FreePort::take().unwrap();
        let second = FreePort::take().unwrap();
        assert_ne!(first.number(), second.number());
        assert!(second.number() < FIRST_EPHEMERAL_PORT);
        let number = second.number();
        drop(second);
        let _listener = TcpListener::bind(("127.0.0.1", number)).unwrap();
        assert_ne!(FreePort::take().unwrap().number(), number);
    }
}
