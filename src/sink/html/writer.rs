//! When a page is written: at once, unless that was done a moment ago; then a thread does it when the moment is over.
//!
//! A page is written as a whole, and reports may come by the thousand. So there is a rest between two writes, in which reports
//! only gather; it grows with what a write costs, so that writing takes a bounded share of the time. Whatever the process
//! does, nothing stays unwritten for longer than a rest.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;

use super::findings::Findings;
use super::source::Sources;
use super::suspects::Suspects;
use super::{file, page, report};
use crate::helper;
use crate::report::{Repeat, Report, Suspect, SuspectRepeat};
use crate::sink::{Sink, Stderr};

/// A rest is as many times as long as the last write took, at least.
const SHARE: u32 = 10;

/// Reports that are kept for stderr, in case the page they are meant for cannot be written.
const UNWRITTEN: usize = 64;

/// The page of one process.
pub(super) struct Writer {
    path: PathBuf,
    /// The least time between two writes.
    rest: Duration,
    state: Mutex<State>,
}

/// Something the page is to show.
enum Finding {
    Conflict(Box<Report>),
    Suspect(Box<Suspect>),
}

struct State {
    findings: Findings,
    suspects: Suspects,
    sources: Sources,
    /// Whether the page shows everything there is.
    current: bool,
    /// The end of the rest.
    due: Instant,
    /// Whether a thread waits for the end of the rest.
    alarm: bool,
    /// Whether the last write failed.
    broken: bool,
    unwritten: Vec<Finding>,
    /// Reports since the last write for which there was no room in `unwritten`.
    unkept: u64,
    /// How many times the page was written.
    writes: u64,
}

impl Writer {
    pub(super) fn new(path: PathBuf, rest: Duration) -> Self {
        let state = State {
            findings: Findings::default(),
            suspects: Suspects::default(),
            sources: Sources::new(),
            current: false,
            due: Instant::now(),
            alarm: false,
            broken: false,
            unwritten: Vec::new(),
            unkept: 0,
            writes: 0,
        };
        Self { path, rest, state: Mutex::new(state) }
    }

    pub(super) fn report(self: &Arc<Self>, report: &Report) {
        self.change(|state| {
            state.sources.learn(report.holder.iter().chain([&report.contender]));
            state.findings.take(report);
            state.keep(|| Finding::Conflict(Box::new(report.clone())));
        });
    }

    pub(super) fn suspect(self: &Arc<Self>, suspect: &Suspect) {
        self.change(|state| {
            state.sources.learn([&suspect.lookup, &suspect.intervening, &suspect.acting]);
            state.suspects.take(suspect);
            state.keep(|| Finding::Suspect(Box::new(suspect.clone())));
        });
    }

    pub(super) fn suspect_repeated(self: &Arc<Self>, repeat: &SuspectRepeat) {
        self.change(|state| state.suspects.repeat(repeat));
    }

    pub(super) fn repeated(self: &Arc<Self>, repeat: &Repeat) {
        self.change(|state| state.findings.repeat(repeat));
    }

    /// Writes what is not on the page, or a page that says there is nothing.
    pub(super) fn flush(&self) {
        let mut state = self.state.lock();
        if !state.current {
            self.write(&mut state, true);
        }
    }

    fn change(self: &Arc<Self>, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        change(&mut state);
        state.current = false;
        if Instant::now() >= state.due {
            self.write(&mut state, false);
        } else if !state.alarm {
            let this = Arc::clone(self);
            let waits = helper::spawn("checkedmap-page", move || this.write_when_due());
            match waits {
                Ok(_) => state.alarm = true,
                Err(_) => self.write(&mut state, false),
            }
        }
    }

    fn write_when_due(&self) {
        loop {
            let mut state = self.state.lock();
            let now = Instant::now();
            if state.current || now >= state.due {
                state.alarm = false;
                if !state.current {
                    self.write(&mut state, false);
                }
                return;
            }
            let rest = state.due - now;
            drop(state);
            thread::sleep(rest);
        }
    }

    fn write(&self, state: &mut State, durable: bool) {
        let began = Instant::now();
        let State { findings, suspects, sources, .. } = state;
        findings.write_bodies(|report| report::body(report, sources));
        suspects.write_bodies(|suspect| report::suspect_body(suspect, sources));
        let page = page::write(&state.findings, &state.suspects, &page::Process::here());
        let written = file::replace(&self.path, page.as_str().as_bytes(), durable);
        state.current = written.is_ok();
        state.writes += u64::from(written.is_ok());
        if let Err(error) = &written {
            self.tell(state, error);
        }
        state.broken = written.is_err();
        state.unwritten.clear();
        state.unkept = 0;
        state.due = Instant::now() + self.rest.max(began.elapsed() * SHARE);
    }

    /// Says that the page cannot be written, once until it can be, and shows what should have been on it.
    fn tell(&self, state: &State, error: &io::Error) {
        if !state.broken {
            let path = self.path.display();
            let _ = writeln!(
                io::stderr(),
                "checkedmap: the page of reports cannot be written to {path} ({error}); until it can be, reports go to \
                 stderr. `html:PATH` in CHECKEDMAP_REPORT takes a file, there or not, in a directory that is there and may \
                 be written to"
            );
        }
        for finding in &state.unwritten {
            match finding {
                Finding::Conflict(report) => Stderr.report(report),
                Finding::Suspect(suspect) => Stderr.suspect(suspect),
            }
        }
        if state.unkept > 0 {
            let _ = writeln!(io::stderr(), "checkedmap: and {} more reports", state.unkept);
        }
    }
}

impl State {
    /// Keeps a finding for stderr, if there is room.
    fn keep(&mut self, finding: impl FnOnce() -> Finding) {
        if self.unwritten.len() < UNWRITTEN {
            self.unwritten.push(finding());
        } else {
            self.unkept += 1;
        }
    }
}

impl page::Process {
    /// This process, now.
    fn here() -> Self {
        let program = std::env::current_exe().ok();
        let name = program.as_deref().and_then(std::path::Path::file_name);
        Self {
            program: name.map(|name| name.to_string_lossy().into_owned()),
            id: std::process::id(),
            written: crate::report::unix_nanoseconds(SystemTime::now()),
            books: crate::report::books(),
            suspect_books: crate::stale::books(),
            hunt: crate::hunt::status(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const LONG: Duration = Duration::from_secs(3_600);

    struct Fixture {
        directory: tempfile::TempDir,
        writer: Arc<Writer>,
    }

    impl Fixture {
        fn new(rest: Duration) -> Self {
            let directory = tempfile::tempdir().expect("a directory for the test");
            let writer = Arc::new(Writer::new(directory.path().join("page.html"), rest));
            Self { directory, writer }
        }

        fn report(&self, number: u64) {
            let mut report = sample::report();
            report.number = number;
            self.writer.report(&report);
        }

        fn page(&self) -> String {
            std::fs::read_to_string(&self.writer.path).expect("the page is there")
        }

        fn writes(&self) -> u64 {
            self.writer.state.lock().writes
        }
    }

    #[test]
    fn the_first_report_is_on_the_page_at_once() {
        let fixture = Fixture::new(LONG);
        fixture.report(1);
        let page = fixture.page();
        assert!(page.contains(">Report 1<") && page.ends_with("</html>\n"), "{page}");
    }

    #[test]
    fn thousands_of_reports_cost_two_writes() {
        let fixture = Fixture::new(LONG);
        for number in 1..=5_000 {
            fixture.report(number);
        }
        assert_eq!(fixture.writes(), 1);
        fixture.writer.flush();
        assert_eq!(fixture.writes(), 2);
        assert!(fixture.page().contains("15000 conflicts between one pair of sites"));
        fixture.writer.flush();
        assert_eq!(fixture.writes(), 2, "a page that shows everything is left alone");
    }

    #[test]
    fn nothing_stays_unwritten_though_nobody_comes_again() {
        let fixture = Fixture::new(Duration::from_millis(1));
        fixture.report(1);
        fixture.report(2);
        let end = Instant::now() + Duration::from_secs(60);
        while !fixture.page().contains(">Report 2<") {
            assert!(Instant::now() < end, "{}", fixture.page());
            thread::yield_now();
        }
    }

    #[test]
    fn a_repeat_raises_the_count_on_the_page() {
        let fixture = Fixture::new(Duration::ZERO);
        fixture.report(sample::repeat().number);
        fixture.writer.repeated(&sample::repeat());
        fixture.writer.flush();
        assert!(fixture.page().contains("<h1>44 conflicts between one pair of sites"), "{}", fixture.page());
        assert!(fixture.page().contains("stands for 44 conflicts"), "{}", fixture.page());
    }

    #[test]
    fn a_suspect_is_on_the_page_and_no_conflict() {
        let fixture = Fixture::new(Duration::ZERO);
        fixture.writer.suspect(&sample::suspect());
        fixture.writer.suspect_repeated(&sample::suspect_repeat());
        fixture.writer.flush();
        let page = fixture.page();
        assert!(page.contains("<h1>No conflict seen, ") && page.contains(">Suspect 3<"), "{page}");
        assert!(page.contains("14 suspects"), "{page}");
    }

    #[test]
    fn a_flush_without_reports_writes_a_page_that_says_so() {
        let fixture = Fixture::new(LONG);
        fixture.writer.flush();
        assert!(fixture.page().contains("No conflict seen"), "{}", fixture.page());
    }

    #[test]
    fn a_page_that_could_not_be_written_is_written_when_it_can_be() {
        let fixture = Fixture::new(Duration::ZERO);
        let path = &fixture.writer.path;
        std::fs::create_dir(path).expect("made");
        fixture.report(1);
        assert!(fixture.writer.state.lock().broken);
        std::fs::remove_dir(path).expect("removed");
        fixture.report(2);
        fixture.writer.flush();
        assert!(!fixture.writer.state.lock().broken);
        assert!(fixture.page().contains(">Report 1<") && fixture.page().contains(">Report 2<"));
        assert_eq!(std::fs::read_dir(&fixture.directory).expect("listed").count(), 1);
    }

    #[test]
    fn what_is_kept_for_stderr_is_bounded() {
        let fixture = Fixture::new(LONG);
        for number in 0..=2 * UNWRITTEN as u64 {
            fixture.report(number);
        }
        let state = fixture.writer.state.lock();
        assert_eq!((state.unwritten.len(), state.unkept), (UNWRITTEN, UNWRITTEN as u64));
    }
}
