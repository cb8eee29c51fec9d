//! What the environment says about a run.

use anyhow::{Context as _, ensure};

/// Devices of one request at most.
pub(crate) const MOST_IN_A_REQUEST: usize = 10_000;

/// What is measured.
#[derive(Debug)]
pub(crate) struct Settings {
    /// `BENCH_SIZES`: numbers of devices, ascending.
    sizes: Vec<usize>,
    /// `BENCH_ONLY`: some of consumer, submit, memory, budget; all when missing.
    only: Option<String>,
    /// `BENCH_WRITE=1`: docs/BENCHMARKS.md gets the result.
    pub(crate) writes: bool,
}

impl Settings {
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let text = variable("BENCH_SIZES").unwrap_or_else(|| "100,1000,10000,100000".to_owned());
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
        Ok(Self {
            sizes,
            only: variable("BENCH_ONLY"),
            writes: variable("BENCH_WRITE").is_some_and(|text| text == "1"),
        })
    }

    /// Whether this part was asked for.
    pub(crate) fn wants(&self, part: &str) -> bool {
        self.only
            .as_deref()
            .is_none_or(|only| only.split(',').any(|wanted| wanted.trim() == part))
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
