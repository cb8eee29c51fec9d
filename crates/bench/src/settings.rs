//! What the environment says about a run.

use anyhow::{Context as _, ensure};

/// Devices of one request at most.
pub(crate) const MOST_IN_A_REQUEST: usize = 10_000;
/// What can be measured, by the names that `BENCH_ONLY` takes.
const PARTS: [&str; 8] = [
    "consumer",
    "old-way",
    "growth",
    "submit",
    "start",
    "memory",
    "budget",
    "inventory",
];
/// The sizes of a full run.
const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

/// What is measured.
#[derive(Debug)]
pub(crate) struct Settings {
    /// `BENCH_SIZES`: numbers of devices, ascending, each once.
    sizes: Vec<usize>,
    /// `BENCH_ONLY`: some of [`PARTS`]; all when missing.
    only: Option<Vec<String>>,
    /// `BENCH_WRITE=1`: docs/BENCHMARKS.md gets the result.
    pub(crate) writes: bool,
}

impl Settings {
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let variable = |name: &str| variable(name).filter(|text| !text.is_empty());
        let sizes =
            variable("BENCH_SIZES").map_or_else(|| Ok(SIZES.to_vec()), |text| sizes(&text))?;
        let only = variable("BENCH_ONLY")
            .map(|text| parts(&text))
            .transpose()?;
        let writes = match variable("BENCH_WRITE").as_deref() {
            None | Some("0") => false,
            Some("1") => true,
            Some(other) => anyhow::bail!("BENCH_WRITE is {other:?}: 0 or 1"),
        };
        ensure!(
            !writes || (only.is_none() && sizes == SIZES),
            "BENCH_WRITE=1 takes a full run, without BENCH_ONLY and BENCH_SIZES: part of one would replace the whole result"
        );
        Ok(Self {
            sizes,
            only,
            writes,
        })
    }

    /// Whether this part was asked for.
    pub(crate) fn wants(&self, part: &str) -> bool {
        debug_assert!(PARTS.contains(&part), "{part} is not among the parts");
        self.only
            .as_ref()
            .is_none_or(|only| only.iter().any(|wanted| wanted == part))
    }

    /// Every size.
    pub(crate) fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The sizes that fit into one request.
    pub(crate) fn of_one_request(&self) -> Vec<usize> {
        self.sizes
            .iter()
            .copied()
            .filter(|size| *size <= MOST_IN_A_REQUEST)
            .collect()
    }
}

fn sizes(text: &str) -> anyhow::Result<Vec<usize>> {
    let mut sizes = text
        .split(',')
        .map(|size| size.trim().replace('_', "").parse::<usize>())
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("BENCH_SIZES is {text:?}: numbers with commas between"))?;
    sizes.sort_unstable();
    sizes.dedup();
    ensure!(
        sizes.first().is_some_and(|size| *size > 0),
        "BENCH_SIZES holds a size of 0"
    );
    Ok(sizes)
}

fn parts(text: &str) -> anyhow::Result<Vec<String>> {
    let parts: Vec<String> = text.split(',').map(|part| part.trim().to_owned()).collect();
    for part in &parts {
        ensure!(
            PARTS.contains(&part.as_str()),
            "BENCH_ONLY names {part:?}; there are {}",
            PARTS.join(", ")
        );
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let value = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, text)| (*text).to_owned())
        };
        Settings::read(value).map_err(|error| error.to_string())
    }

    #[test]
    fn sizes_come_in_order_and_each_once() {
        let settings = read(&[("BENCH_SIZES", "1_000, 100,100")]).unwrap();
        assert_eq!(settings.sizes(), [100, 1_000]);
        assert_eq!(read(&[]).unwrap().sizes(), SIZES);
        for bad in ["0,100", "ten", "100,"] {
            assert!(read(&[("BENCH_SIZES", bad)]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_part_that_does_not_exist_is_refused() {
        let settings = read(&[("BENCH_ONLY", "budget, submit")]).unwrap();
        assert!(settings.wants("budget") && settings.wants("submit") && !settings.wants("memory"));
        let settings = read(&[("BENCH_ONLY", "old-way,growth")]).unwrap();
        assert!(settings.wants("old-way") && settings.wants("growth") && !settings.wants("submit"));
        for bad in ["submitt", "submit,", "Budget"] {
            let refused = read(&[("BENCH_ONLY", bad)]).unwrap_err();
            assert!(
                refused.contains("consumer, old-way, growth, submit"),
                "{bad}: {refused}"
            );
        }
    }

    #[test]
    fn only_a_full_run_is_written() {
        let write = ("BENCH_WRITE", "1");
        assert!(read(&[write]).unwrap().writes);
        assert!(!read(&[("BENCH_ONLY", "submit")]).unwrap().writes);
        for part in [("BENCH_ONLY", "submit"), ("BENCH_SIZES", "100")] {
            assert!(read(&[write, part]).unwrap_err().contains("full run"));
        }
        assert!(read(&[("BENCH_WRITE", "yes")]).is_err());
    }
}
