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
    pub(crate) wanted: &'static str,
    pub(crate) measured: String,
    pub(crate) met: bool,
}

impl Report {
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
            let met = if goal.met { "met" } else { "**not met**" };
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
