//! One run of a kind at a time in a checkout.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use anyhow::{Context, bail};

/// Held while it runs. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who has it; `what` is what runs.
    pub(crate) fn take(path: &Path, what: &str) -> anyhow::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.rewind()?;
                write!(file, "{}", std::process::id())?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                bail!(
                    "{what} is already running here (process {holder}): end it with Ctrl-C where it runs, or wait for its end"
                )
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lock;

    #[test]
    fn a_second_demo_learns_who_runs_and_a_third_may_follow() {
        let path = std::env::temp_dir().join(format!("demo-lock-{}", uuid::Uuid::new_v4()));
        let first = Lock::take(&path, "a demo").unwrap();
        let said = Lock::take(&path, "a demo").unwrap_err().to_string();
        assert!(
            said.contains(&format!("process {}", std::process::id())),
            "{said}"
        );
        drop(first);
        assert!(Lock::take(&path, "a demo").is_ok());
        std::fs::remove_file(path).unwrap();
    }
}
