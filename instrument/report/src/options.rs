//! The command line.

use checkedmap::report::Severity;
use clap::{Parser, ValueEnum};
use jiff::Timestamp;

use crate::finding::Class;
use crate::format::Format;
use crate::merge::Summary;
use crate::since;

/// Merges and ranks the reports that programs under CheckedMap wrote as JSON lines (CHECKEDMAP_REPORT=json:PATH).
///
/// Exit status: 0, 1 where --fail-on is met, 2 where something cannot be read.
#[derive(Debug, Parser)]
#[command(name = "checkedmap-report", version, max_term_width = 110)]
pub(crate) struct Options {
    /// Files of reports, directories of such files (*.jsonl, *.json), patterns in quotes, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// What the exit status 1 stands for
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = FailOn::None)]
    pub(crate) fail_on: FailOn,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Leave out what happened earlier: a time such as 2026-11-21T10:00:00Z, or how long ago, such as 30m or 2h
    #[arg(long, value_name = "TIME", value_parser = since::parse)]
    pub(crate) since: Option<Timestamp>,
    /// Print only the first N findings; all of them count for --fail-on
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// Take a file that is missing, or a pattern that matches nothing, for no reports: a program without conflicts writes
    /// no file
    #[arg(long)]
    pub(crate) allow_missing: bool,
}

/// What a build should fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Any conflict: two accesses that collided
    Conflict,
    /// Any suspect, hints left aside: a stale check that is one by all that is known
    Suspect,
    /// Anything: a conflict, a suspect or a hint
    Any,
    /// Nothing
    None,
}

impl FailOn {
    pub(crate) fn is_met(self, summary: &Summary) -> bool {
        summary.findings.iter().any(|finding| match self {
            Self::Conflict => finding.class() == Class::Conflict,
            Self::Suspect => finding.severity == Some(Severity::Suspect),
            Self::Any => true,
            Self::None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }
}
