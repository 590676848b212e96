//! The forms findings are printed in.

pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod text;

use clap::ValueEnum;
use jiff::Timestamp;

use crate::finding::{Finding, Grade};
use crate::merge::Summary;

/// How to print the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// One document, for machines
    Json,
    /// A table, for a job's summary or a comment
    Markdown,
    /// Workflow commands of GitHub Actions: annotations on the lines of the source
    Github,
}

/// The findings to print, and how many are left out.
fn first(summary: &Summary, top: Option<usize>) -> (&[Finding], usize) {
    let shown = top.unwrap_or(usize::MAX).min(summary.findings.len());
    (&summary.findings[..shown], summary.findings.len() - shown)
}

/// How many findings of a grade, and how often they happened.
fn totals(summary: &Summary, grade: Grade) -> (usize, u64) {
    let of_grade = summary.findings.iter().filter(|finding| finding.grade() == grade);
    of_grade.fold((0, 0_u64), |(findings, count), finding| (findings + 1, count.saturating_add(finding.count)))
}

/// One line about all of it.
fn headline(summary: &Summary) -> String {
    let mut parts = Vec::new();
    for (grade, noun, place) in [
        (Grade::Conflict, "conflict", "pair of sites"),
        (Grade::Suspect, "suspect", "place"),
        (Grade::Hint, "hint", "place"),
    ] {
        let (findings, count) = totals(summary, grade);
        if findings > 0 {
            parts.push(format!("{} at {}", number(count, noun), number(findings as u64, place)));
        }
    }
    if parts.is_empty() {
        return format!("No conflicts in {}.", number(summary.sources as u64, "file"));
    }
    let (processes, files) = (number(summary.processes as u64, "process"), number(summary.sources as u64, "file"));
    format!("{} in {processes} ({files}).", parts.join(", "))
}

fn number(count: u64, noun: &str) -> String {
    match (count, noun) {
        (1, noun) => format!("1 {noun}"),
        (_, "process") => format!("{count} processes"),
        (_, "pair of sites") => format!("{count} pairs of sites"),
        (_, noun) => format!("{count} {noun}s"),
    }
}

/// To the second; the exact figure is in the JSON.
fn time(nanoseconds: u64) -> String {
    let seconds = i64::try_from(nanoseconds / 1_000_000_000).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_or_else(|_| format!("{nanoseconds} ns after 1970"), |time| time.to_string())
}

fn seen(finding: &Finding) -> String {
    format!("{} in {}", number(finding.count, "time"), number(finding.processes.len() as u64, "process"))
}
