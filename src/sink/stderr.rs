//! Reports as text on standard error.

use std::io::Write;

use super::Sink;
use crate::report::{Outcome, Repeat, Report, Suspect, SuspectRepeat};

/// Writes reports for people on standard error, each in one piece, so that they never interleave.
///
/// A report of a panic is one line: the panic's own message is the report in full.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Stderr;

impl Stderr {
    /// The sink.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Sink for Stderr {
    fn report(&self, report: &Report) {
        write(text(report));
    }

    fn repeated(&self, repeat: &Repeat) {
        write(format!("{repeat}\n"));
    }

    fn suspect(&self, suspect: &Suspect) {
        write(format!("{suspect}\n"));
    }

    fn suspect_repeated(&self, repeat: &SuspectRepeat) {
        write(format!("{repeat}\n"));
    }
}

fn text(report: &Report) -> String {
    match report.outcome {
        Outcome::Panicked => format!("{}; its thread panics with the full report\n", report.headline()),
        // A blank line sets it apart from the log around it.
        _ => format!("{report}\n"),
    }
}

fn write(text: String) {
    // Where stderr is closed there is nobody to tell.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_panic_is_one_line() {
        let mut report = sample::report();
        report.outcome = Outcome::Panicked;
        assert_eq!(text(&report).lines().count(), 1);
        report.outcome = Outcome::Waited;
        assert!(text(&report).lines().count() > 10);
    }
}
