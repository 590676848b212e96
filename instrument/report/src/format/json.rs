//! One document, for machines.

use serde::Serialize;

use super::{first, totals};
use crate::finding::{Finding, Grade};
use crate::merge::Summary;

/// The version of this document's form. Fields may come within a version.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    conflicts: u64,
    suspects: u64,
    hints: u64,
    processes: usize,
    files: usize,
    left_out: usize,
    warnings: &'a [String],
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    class: &'static str,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    map: Option<&'a str>,
    map_created: &'a str,
    map_type: &'a str,
    count: u64,
    processes: usize,
    /// Nanoseconds since 1970, as in the reports.
    first: u64,
    last: u64,
    places: Vec<Site<'a>>,
}

#[derive(Serialize)]
struct Site<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'static str>,
    operation: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
}

pub(crate) fn render(summary: &Summary, top: Option<usize>) -> String {
    let (findings, left_out) = first(summary, top);
    let document = Document {
        version: VERSION,
        conflicts: totals(summary, Grade::Conflict).1,
        suspects: totals(summary, Grade::Suspect).1,
        hints: totals(summary, Grade::Hint).1,
        processes: summary.processes,
        files: summary.sources,
        left_out,
        warnings: &summary.warnings,
        findings: findings.iter().map(entry).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("strings and numbers are JSON");
    text.push('\n');
    text
}

fn entry(finding: &Finding) -> Entry<'_> {
    let origin = &finding.origin;
    let places = origin.places.iter().map(|place| Site {
        part: place.part,
        operation: &place.operation,
        file: &place.file,
        line: place.line,
        column: place.column,
    });
    Entry {
        class: finding.class().as_str(),
        kind: origin.kind.to_string(),
        severity: finding.severity.map(|severity| severity.as_str()),
        map: origin.map.name.as_deref(),
        map_created: &origin.map.created,
        map_type: &origin.map.type_name,
        count: finding.count,
        processes: finding.processes.len(),
        first: finding.first,
        last: finding.last,
        places: places.collect(),
    }
}
