//! Workflow commands of GitHub Actions: one annotation a finding, on a line that takes part in it.

use std::fmt::Write as _;

use super::{first, headline, seen};
use crate::finding::{Finding, Grade};
use crate::merge::Summary;

pub(crate) fn render(summary: &Summary, top: Option<usize>) -> String {
    let (findings, left_out) = first(summary, top);
    let mut text = String::new();
    for finding in findings {
        annotate(&mut text, finding);
    }
    // A plain line of the log, after the commands.
    let _ = write!(text, "{}", headline(summary));
    if left_out > 0 {
        let _ = write!(text, " {left_out} left out by --top.");
    }
    text.push('\n');
    text
}

fn annotate(text: &mut String, finding: &Finding) {
    let origin = &finding.origin;
    let level = match finding.grade() {
        Grade::Conflict => "error",
        Grade::Suspect => "warning",
        Grade::Hint => "notice",
    };
    let title = format!("checkedmap: {} on {}", finding.what(), origin.map);
    let places: Vec<_> = origin.places.iter().map(ToString::to_string).collect();
    let message = format!("{}\n{}", places.join("\n"), seen(finding));
    let _ = write!(text, "::{level} ");
    // The last of the places in the order of the source is as good as any for a pair; of a suspect it is the acting write.
    if let Some(place) = origin.places.last() {
        let _ = write!(text, "file={},line={},col={},", property(&place.file), place.line, place.column);
    }
    let _ = writeln!(text, "title={}::{}", property(&title), data(&message));
}

/// What the runner would take for the end of the message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What it would take for the end of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50%\r\n::error::"), "50%25%0D%0A::error::");
        assert_eq!(property("a,b: c%"), "a%2Cb%3A c%25");
    }
}
