//! A table, for a job's summary or a comment.

use std::fmt::Write as _;

use super::{first, headline, time};
use crate::merge::Summary;

pub(crate) fn render(summary: &Summary, top: Option<usize>) -> String {
    let mut text = format!("{}\n", headline(summary));
    let (findings, left_out) = first(summary, top);
    if findings.is_empty() {
        return text;
    }
    text.push_str(
        "\n| | kind | map | where | times | processes | first | last |\n|---:|---|---|---|---:|---:|---|---|\n",
    );
    for (index, finding) in findings.iter().enumerate() {
        let origin = &finding.origin;
        let places: Vec<_> = origin.places.iter().map(|place| cell(&place.to_string())).collect();
        let places = if places.is_empty() { "unknown".to_owned() } else { places.join("<br>") };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {places} | {} | {} | {} | {} |",
            index + 1,
            finding.what(),
            cell(&origin.map.to_string()),
            finding.count,
            finding.processes.len(),
            time(finding.first),
            time(finding.last)
        );
    }
    if left_out > 0 {
        let _ = writeln!(text, "\nand {left_out} more");
    }
    text
}

/// Names and paths may hold what would end a cell, or begin a tag.
fn cell(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|").replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_cell() {
        assert_eq!(cell("a|b\n<img src=x>&"), "a\\|b &lt;img src=x>&amp;");
    }
}
