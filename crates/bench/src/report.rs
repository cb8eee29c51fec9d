//! The result as Markdown: one table a section, and for each goal whether it is met.

use std::{fmt::Write as _, fs};

use anyhow::Context as _;

/// Where the result is kept, between these two lines.
const FILE: &str = "docs/BENCHMARKS.md";
const BEGIN: &str = "<!-- bench: begin -->";
const END: &str = "<!-- bench: end -->";

/// Everything of one run.
pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) sections: Vec<Section>,
}

/// One question.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) head: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) goals: Vec<Goal>,
}

/// What was wanted and what came out.
pub(crate) struct Goal {
    wanted: &'static str,
    measured: String,
    /// None: this run did not measure it.
    met: Option<bool>,
    /// A run in which it is not met has failed.
    decides: bool,
}

impl Goal {
    /// Judges what was measured, as words and whether that is enough; nothing measured is never enough.
    pub(crate) fn of(wanted: &'static str, measured: Option<(String, bool)>) -> Self {
        let (measured, met) = measured.unzip();
        Self {
            wanted,
            measured: measured.unwrap_or_default(),
            met,
            decides: false,
        }
    }

    /// The same for what has nothing to do with speed: not met, the run has failed.
    pub(crate) fn deciding(self) -> Self {
        Self {
            decides: true,
            ..self
        }
    }
}

impl Report {
    /// What is wrong with this system, whatever its speed.
    pub(crate) fn failures(&self) -> Vec<&'static str> {
        let goals = self.sections.iter().flat_map(|section| &section.goals);
        goals
            .filter(|goal| goal.decides && goal.met == Some(false))
            .map(|goal| goal.wanted)
            .collect()
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{}\n", self.machine);
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        for section in &self.sections {
            line(format!("\n### {}\n", section.title));
            line(cells(section.head));
            line(cells(&vec!["---:"; section.head.len()]));
            for row in &section.rows {
                line(cells(row));
            }
        }
        line("\n### Goals\n".to_owned());
        line(cells(&["goal", "measured", ""]));
        line(cells(&["---", "---", "---"]));
        for goal in self.sections.iter().flat_map(|section| &section.goals) {
            let met = match goal.met {
                Some(true) => "met",
                Some(false) => "**not met**",
                None => "not measured",
            };
            line(cells(&[goal.wanted, &goal.measured, met]));
        }
        text
    }
}

fn cells<T: AsRef<str>>(row: &[T]) -> String {
    let mut text = "|".to_owned();
    for cell in row {
        // Writing to a String cannot fail.
        let _ = write!(text, " {} |", cell.as_ref());
    }
    text
}

/// Puts a result into docs/BENCHMARKS.md; the working directory is the checkout.
pub(crate) fn write(result: &str) -> anyhow::Result<()> {
    let file = fs::read_to_string(FILE)?;
    let (before, rest) = file
        .split_once(BEGIN)
        .with_context(|| format!("{FILE} has no {BEGIN}"))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("{FILE} has no {END}"))?;
    fs::write(FILE, format!("{before}{BEGIN}\n{result}{END}{after}"))?;
    Ok(())
}

/// 12345678 as 12,345,678.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the others are compared with: the value of the smallest size from 100 devices on, below which fixed costs are all there
/// is to see; where all sizes are below, that of the smallest.
pub(crate) fn base(values: &[(usize, f64)]) -> f64 {
    let smallest = |least: usize| {
        let sizes = values.iter().filter(|(devices, _)| *devices >= least);
        sizes.min_by_key(|(devices, _)| *devices)
    };
    smallest(100)
        .or_else(|| smallest(0))
        .map_or(f64::NAN, |(_, value)| *value)
}

/// The one in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A count as a figure to divide by.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of devices are far below 2^52"
)]
pub(crate) fn figure(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(goals: Vec<Goal>) -> Report {
        Report {
            machine: String::new(),
            sections: vec![Section {
                title: "Example",
                head: &["devices"],
                rows: Vec::new(),
                goals,
            }],
        }
    }

    #[test]
    fn what_was_not_measured_is_neither_met_nor_missed() {
        let report = report(vec![
            Goal::of("fast", None).deciding(),
            Goal::of("small", Some(("64 MB".to_owned(), true))),
            Goal::of("cheap", Some(("much".to_owned(), false))),
        ]);
        let text = report.markdown();
        for line in [
            "| fast |  | not measured |",
            "| small | 64 MB | met |",
            "| cheap | much | **not met** |",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(report.failures().is_empty(), "speed decides nothing");
    }

    #[test]
    fn what_has_nothing_to_do_with_speed_decides() {
        let goal = Goal::of("no 429", Some(("1".to_owned(), false))).deciding();
        assert_eq!(report(vec![goal]).failures(), ["no 429"]);
    }

    #[test]
    fn sizes_are_compared_with_the_smallest_from_100_devices_on() {
        let same = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
        same(base(&[(1, 5.0), (1_000, 3.0), (100, 2.0)]), 2.0);
        same(base(&[(10, 5.0), (50, 4.0)]), 5.0);
        assert!(base(&[]).is_nan());
    }
}
