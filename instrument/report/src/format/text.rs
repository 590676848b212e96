//! For a terminal.

use std::fmt::Write as _;

use super::{first, headline, seen, time};
use crate::merge::Summary;

pub(crate) fn render(summary: &Summary, top: Option<usize>) -> String {
    let mut text = format!("{}\n", headline(summary));
    let (findings, left_out) = first(summary, top);
    for (index, finding) in findings.iter().enumerate() {
        let origin = &finding.origin;
        let _ = writeln!(text, "\n{}. {} on {}: {}", index + 1, finding.what(), origin.map, seen(finding));
        for place in &origin.places {
            let _ = writeln!(text, "   {place}");
        }
        if origin.places.is_empty() {
            text.push_str("   at sites unknown: the report these counts belong to is not among the files\n");
        }
        let _ = writeln!(text, "   first {}, last {}", time(finding.first), time(finding.last));
    }
    if left_out > 0 {
        let _ = writeln!(text, "\nand {left_out} more, left out by --top");
    }
    text
}
