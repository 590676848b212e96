//! Reports as lines of JSON in a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use once_cell::race::OnceBox;

use super::{Sink, Stderr};
use crate::report::{Repeat, Report, Suspect, SuspectRepeat};

/// Appends reports to a file, one JSON document a line; [`Record::from_json`](crate::report::Record::from_json) reads a line back.
///
/// The file is opened, or made, by the first report. Each line is one write to a file opened for appending, so several
/// processes can share it. Where it cannot be opened or written, one line on stderr says so, and this report and all that
/// follow go to stderr instead.
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    /// Opened at most once by each of the threads that race for it; the winner's stays.
    file: OnceBox<File>,
    broken: AtomicBool,
}

impl JsonLines {
    /// A sink that will append to this file.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned(), file: OnceBox::new(), broken: AtomicBool::new(false) }
    }

    fn file(&self) -> io::Result<&File> {
        self.file.get_or_try_init(|| OpenOptions::new().append(true).create(true).open(&self.path).map(Box::new))
    }

    fn append(&self, line: serde_json::Result<String>) -> io::Result<()> {
        let mut line = line?;
        line.push('\n');
        self.file()?.write_all(line.as_bytes())
    }

    /// Says whether the line is in the file.
    fn write(&self, line: serde_json::Result<String>) -> bool {
        // Relaxed: two threads that both find the file broken both fall back, and only one of them tells.
        if self.broken.load(Ordering::Relaxed) {
            return false;
        }
        match self.append(line) {
            Ok(()) => true,
            Err(error) => {
                self.tell(&error);
                false
            }
        }
    }

    fn tell(&self, error: &io::Error) {
        if !self.broken.swap(true, Ordering::Relaxed) {
            let path = self.path.display();
            let _ = writeln!(
                io::stderr(),
                "checkedmap: reports cannot be written to {path} ({error}); they go to stderr instead"
            );
        }
    }
}

impl Sink for JsonLines {
    fn report(&self, report: &Report) {
        if !self.write(report.to_json()) {
            Stderr.report(report);
        }
    }

    fn repeated(&self, repeat: &Repeat) {
        if !self.write(repeat.to_json()) {
            Stderr.repeated(repeat);
        }
    }

    fn suspect(&self, suspect: &Suspect) {
        if !self.write(suspect.to_json()) {
            Stderr.suspect(suspect);
        }
    }

    fn suspect_repeated(&self, repeat: &SuspectRepeat) {
        if !self.write(repeat.to_json()) {
            Stderr.suspect_repeated(repeat);
        }
    }

    fn flush(&self) {
        // Written is enough for whoever reads the file; a disk that fails here is told, as there is nobody to return it to.
        if let Some(file) = self.file.get()
            && let Err(error) = file.sync_data()
            // Pipes and devices cannot be synchronised, and need not be.
            && error.kind() != io::ErrorKind::InvalidInput
        {
            self.tell(&error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Record, sample};

    #[test]
    fn lines_read_back() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let path = directory.path().join("conflicts.jsonl");
        let (report, repeat) = (sample::report(), sample::repeat());
        // Two sinks on one file, as two processes would have.
        let (one, other) = (JsonLines::new(&path), JsonLines::new(&path));
        one.report(&report);
        other.report(&report);
        one.repeated(&repeat);
        one.suspect(&sample::suspect());
        one.suspect_repeated(&sample::suspect_repeat());
        one.flush();
        let text = std::fs::read_to_string(&path).expect("the file is there");
        let records: Vec<_> = text.lines().map(|line| Record::from_json(line).expect("reads back")).collect();
        let report = Record::Report(Box::new(report));
        let suspect = Record::Suspect(Box::new(sample::suspect()));
        let suspect_repeat = Record::SuspectRepeat(sample::suspect_repeat());
        assert_eq!(records, [report.clone(), report, Record::Repeat(repeat), suspect, suspect_repeat]);
    }

    #[test]
    fn a_file_that_cannot_be_opened_breaks_the_sink_once() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let sink = JsonLines::new(directory.path());
        assert!(!sink.write(sample::report().to_json()));
        assert!(sink.broken.load(Ordering::Relaxed));
        // It stays broken: what follows is on stderr with what came before.
        assert!(!sink.write(sample::report().to_json()));
        assert!(sink.file.get().is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_breaks_the_sink() {
        let sink = JsonLines::new("/dev/full");
        assert!(!sink.write(sample::report().to_json()));
        assert!(sink.broken.load(Ordering::Relaxed));
        sink.flush();
    }
}
