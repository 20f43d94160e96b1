//! How progress is shown: a heading per step, a line per thing done, a table at the end.

use std::time::Duration;

/// Opens a step.
pub fn heading(title: &str) {
    let rule = "─".repeat(76_usize.saturating_sub(title.chars().count()));
    eprintln!("\n── {title} {rule}");
}

/// One line of progress. On standard error, so that `--json` output stays clean.
pub fn line(text: impl AsRef<str>) {
    eprintln!("   {}", text.as_ref());
}

/// `7 s`, `2 min 05 s`.
pub fn took(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// Rows with their columns aligned; the last column runs free.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))))
            .collect();
        text.push_str("  ");
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A row of a [`table`].
pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_the_last_runs_free() {
        let text = table(&[row(["a", "bb", "c"]), row(["aaa", "b", ""])]);
        assert_eq!(text, "  a    bb  c\n  aaa  b\n");
    }

    #[test]
    fn time_is_told_in_the_unit_a_person_would_use() {
        assert_eq!(took(Duration::from_millis(120)), "120 ms");
        assert_eq!(took(Duration::from_secs(59)), "59 s");
        assert_eq!(took(Duration::from_secs(125)), "2 min 05 s");
    }
}
