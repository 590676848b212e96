//! Reading records and folding them into findings.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, ErrorKind};

use checkedmap::report::{MapIdentity, ParseReportError, Record, Severity};
use jiff::Timestamp;

use crate::finding::{Class, Finding, Kind, Map, Origin};
use crate::input::Source;

/// The findings so far.
pub(crate) struct Merge {
    /// In nanoseconds since 1970.
    since: u64,
    findings: HashMap<Origin, Finding>,
    warnings: Vec<String>,
    sources: usize,
}

/// All findings, ranked: conflicts first, then by severity, by count, and by how fresh they are.
pub(crate) struct Summary {
    pub(crate) findings: Vec<Finding>,
    pub(crate) warnings: Vec<String>,
    /// Files and streams read.
    pub(crate) sources: usize,
    /// Processes with at least one finding.
    pub(crate) processes: usize,
}

/// The reports of one source by process and number, for the counts that come after them. Conflicts and suspects are
/// numbered apart.
type Numbered = HashMap<(Class, u32, u64), (Origin, Option<Severity>)>;

impl Merge {
    pub(crate) fn new(since: Option<Timestamp>) -> Self {
        // Before 1970, or too far ahead to count: everything, or nothing.
        let since = since.map_or(0, |since| u64::try_from(since.as_nanosecond().max(0)).unwrap_or(u64::MAX));
        Self { since, findings: HashMap::new(), warnings: Vec::new(), sources: 0 }
    }

    /// Adds all records of a source.
    pub(crate) fn read(&mut self, source: &Source) -> Result<(), String> {
        let mut lines = source.open().map_err(|error| format!("{source}: {error}"))?;
        let mut numbered = Numbered::new();
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            let length = lines.read_until(b'\n', &mut line).map_err(|error| read_error(source, number, &error))?;
            if length == 0 {
                break;
            }
            let whole = line.ends_with(b"\n");
            let text = String::from_utf8_lossy(&line);
            if text.trim().is_empty() {
                continue;
            }
            match Record::from_json(&text) {
                Ok(record) => {
                    self.add(record, source, &mut numbered).map_err(|what| format!("{source}:{number}: {what}"))?
                }
                // Its writer was killed, or is at work.
                Err(ParseReportError::Malformed(_)) if !whole => {
                    self.warnings.push(format!("{source}:{number}: the last line is cut off and left out"));
                }
                Err(error) => return Err(parse_error(source, number, &error)),
            }
        }
        self.sources += 1;
        Ok(())
    }

    fn add(&mut self, record: Record, source: &Source, numbered: &mut Numbered) -> Result<(), String> {
        match record {
            Record::Report(report) => {
                let origin = Origin::of_report(&report);
                numbered.insert((Class::Conflict, report.pid, report.number), (origin.clone(), None));
                self.count(origin, report.count, report.detected, report.detected, (source.clone(), report.pid));
            }
            Record::Repeat(repeat) => {
                let known = numbered.get(&(Class::Conflict, repeat.pid, repeat.number)).cloned();
                let unknown = || unplaced(Kind::Conflict(repeat.kind), repeat.map.as_ref());
                let origin = known.map_or_else(unknown, |(origin, _)| origin);
                self.count(origin, repeat.count, repeat.first, repeat.last, (source.clone(), repeat.pid));
            }
            Record::Suspect(suspect) => {
                let origin = Origin::of_suspect(&suspect);
                let severity = Some(suspect.severity);
                numbered.insert((Class::Suspect, suspect.pid, suspect.number), (origin.clone(), severity));
                let process = (source.clone(), suspect.pid);
                if let Some(finding) = self.count(origin, suspect.count, suspect.detected, suspect.detected, process) {
                    finding.severity = finding.severity.max(severity);
                }
            }
            Record::SuspectRepeat(repeat) => {
                let known = numbered.get(&(Class::Suspect, repeat.pid, repeat.number)).cloned();
                let unknown = || (unplaced(Kind::Suspect(repeat.kind), repeat.map.as_ref()), None);
                let (origin, severity) = known.unwrap_or_else(unknown);
                // Lines of earlier versions do not tell: as much as the one that stands for them. Where that is missing too, they
                // may be suspects.
                let severity = repeat.severity.or(severity).or(Some(Severity::Suspect));
                let process = (source.clone(), repeat.pid);
                if let Some(finding) = self.count(origin, repeat.count, repeat.first, repeat.last, process) {
                    finding.severity = finding.severity.max(severity);
                }
            }
            other => {
                return Err(format!("a record this version does not know: {other:?}; use a newer checkedmap-report"));
            }
        }
        Ok(())
    }

    /// `None` where it was too early to count.
    fn count(
        &mut self,
        origin: Origin,
        count: u64,
        first: u64,
        last: u64,
        process: (Source, u32),
    ) -> Option<&mut Finding> {
        if last < self.since {
            return None;
        }
        let finding = self.findings.entry(origin).or_insert_with_key(|origin| Finding::new(origin.clone()));
        finding.add(count, first, last, process);
        Some(finding)
    }

    pub(crate) fn finish(self) -> Summary {
        let mut findings: Vec<_> = self.findings.into_values().collect();
        // The origin last: equal ranks come in the same order every time.
        findings.sort_by(|a, b| {
            let rank = |finding: &Finding| {
                (finding.class(), Reverse(finding.severity), Reverse(finding.count), Reverse(finding.last))
            };
            rank(a).cmp(&rank(b)).then_with(|| a.origin.cmp(&b.origin))
        });
        let processes = findings.iter().flat_map(|finding| &finding.processes).collect::<BTreeSet<_>>().len();
        Summary { findings, warnings: self.warnings, sources: self.sources, processes }
    }
}

/// Where a count belongs whose report is missing: it is kept, for nothing counted may be lost.
fn unplaced(kind: Kind, map: Option<&MapIdentity>) -> Origin {
    let unknown = Map { name: None, created: "a place unknown".to_owned(), type_name: String::new() };
    Origin { kind, map: map.map_or(unknown, Map::from), places: Vec::new() }
}

fn read_error(source: &Source, number: u64, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::IsADirectory => format!("{source}: a directory"),
        _ => format!("{source}:{number}: {error}"),
    }
}

fn parse_error(source: &Source, number: u64, error: &ParseReportError) -> String {
    let way_out = match error {
        ParseReportError::Version(_) => "use the checkedmap-report of that version",
        _ => "only files that CHECKEDMAP_REPORT=json:PATH or the sink JsonLines wrote can be read",
    };
    format!("{source}:{number}: {error}; {way_out}")
}
