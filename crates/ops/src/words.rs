//! Small words for people.

/// `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`.
pub(crate) fn length(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", (seconds + 59) / 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// `1 change`, `2 changes`.
pub(crate) fn count(number: i64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// At most so many characters of one line.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let kept: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Columns, each as wide as its widest value, two blanks between; the last one is not padded.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, name)| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|value| value.chars().count())
                .max()
                .unwrap_or_default()
                .max(name.chars().count())
        })
        .collect();
    let line = |values: Vec<&str>| {
        let padded: Vec<String> = values
            .iter()
            .zip(&widths)
            .map(|(value, width)| format!("{value:<width$}"))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = line(head.to_vec());
    for row in rows {
        text.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_value() {
        let rows = vec![
            vec!["1".to_owned(), "ä".to_owned()],
            vec!["1000".to_owned(), String::new()],
        ];
        assert_eq!(table(&["id", "x"], &rows), "id    x\n1     ä\n1000\n");
    }

    #[test]
    fn a_length_is_told_in_its_two_largest_units() {
        for (seconds, told) in [
            (-1, "0 s"),
            (59, "59 s"),
            (61, "2 min"),
            (7_500, "2 h 5 min"),
            (100_000, "1 d 3 h"),
        ] {
            assert_eq!(length(seconds), told);
        }
    }

    #[test]
    fn a_long_text_is_cut_to_one_line() {
        assert_eq!(cut("a\n  b", 10), "a b");
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
