//! What the run prints: the opening, a line a second, and what has happened in the end.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use checkedmap::report::{Books, FlushError};
use checkedmap::sink::HtmlPage;
use checkedmap::{Circuit, Config, Mode, ReportTarget};

use crate::findings::{Pair, Place};
use crate::janitor::Swept;
use crate::load::Requests;
use crate::options::Options;
use crate::telemetry::Delivered;
use crate::timeline::Timeline;

/// The first lines.
pub(crate) struct Opening<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) mode: Mode,
    pub(crate) options: &'a Options,
}

impl fmt::Display for Opening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, mode, options } = self;
        writeln!(
            f,
            "A session service at http://{address}, its own load, and a janitor that skips the handlers' lock."
        )?;
        writeln!(
            f,
            "Mode `{mode}`, for {} s; the janitor is stopped after {:.1} s. Reports of conflicts go to stderr, or where \
             CHECKEDMAP_REPORT says.",
            options.length.as_secs(),
            options.janitor_stops().as_secs_f64()
        )
    }
}

/// A line for each second of the run.
#[derive(Default)]
pub(crate) struct Progress {
    /// When the last line was due, and how many requests had been answered by then.
    last: (Duration, u64),
}

impl Progress {
    /// The next line, if it is time for it.
    pub(crate) fn line(&mut self, elapsed: Duration, load: Requests, circuit: Circuit) -> Option<String> {
        let (due, answered) = (self.last.0 + Duration::from_secs(1), load.served() + load.failed());
        if elapsed < due {
            return None;
        }
        let since = answered - self.last.1;
        self.last = (due, answered);
        Some(format!(
            "{:>6.2} s  {since:>6} requests  {:>5} failed so far  {:>5} conflicts so far  circuit {circuit}",
            due.as_secs_f64(),
            load.failed(),
            checkedmap::books().detected,
        ))
    }
}

/// All that is known at the end.
pub(crate) struct Run {
    pub(crate) mode: Mode,
    pub(crate) lasted: Duration,
    pub(crate) requests: Requests,
    pub(crate) alive: bool,
    pub(crate) swept: Swept,
    pub(crate) hushed: u64,
    pub(crate) timeline: Timeline,
    pub(crate) findings: Vec<(Pair, u64)>,
    pub(crate) books: Books,
    pub(crate) unflushed: Option<FlushError>,
    /// Where a collector was asked for.
    pub(crate) delivered: Option<Delivered>,
}

impl Run {
    /// A sentence on what was shown.
    ///
    /// # Errors
    ///
    /// A sentence on what the mode promises and the run did not show.
    pub(crate) fn verdict(&self) -> Result<&'static str, String> {
        let promise = |kept: bool, broken: String| if kept { Ok(()) } else { Err(broken) };
        if let Some(error) = &self.unflushed {
            return Err(format!("the reports did not get out: {error}"));
        }
        promise(self.books.balanced(), format!("the books do not balance: {}", self.books))?;
        promise(
            self.books.detected > 0,
            "no conflict was found: is the janitor repaired? If not, it met no handler; try --seconds 20".into(),
        )?;
        promise(self.alive, "the service did not answer GET /healthz at the end".into())?;
        promise(
            self.findings.iter().any(|(pair, _)| pair.names_handler_and_janitor()),
            "no report has both stacks, naming a handler and the janitor; is CHECKEDMAP_BACKTRACE=off, or the machine very \
             busy?"
                .into(),
        )?;
        let Requests { internal_error, .. } = self.requests;
        let failed = self.requests.failed();
        match self.mode {
            Mode::Panic => {
                promise(internal_error > 0, "no request failed with 500, though the mode is `panic`".into())?;
                promise(
                    failed == internal_error,
                    format!("{} requests failed otherwise than by 500", failed - internal_error),
                )?;
                Ok(
                    "The incident showed as documented: requests that met the janitor failed with 500, and the service lives.",
                )
            }
            Mode::Fallback => {
                promise(failed == 0, format!("{failed} requests failed, though the mode is `fallback`"))?;
                self.recovered()?;
                Ok(
                    "The incident showed as documented: the map fell back to a lock, no request failed, and it recovered.",
                )
            }
            _ => {
                promise(failed == 0, format!("{failed} requests failed, though the mode is `{}`", self.mode))?;
                Ok("The incident showed as documented: each overlap was found and put in order, and no request failed.")
            }
        }
    }

    /// Checked, degraded, half-open, checked: whether the circuit went all the way.
    fn recovered(&self) -> Result<(), String> {
        let way = &self.timeline.circuits;
        let mut rest = [Circuit::Degraded, Circuit::HalfOpen, Circuit::Checked].iter().peekable();
        for state in way {
            rest.next_if(|next| *next == state);
        }
        match rest.peek() {
            None if way.last() == Some(&Circuit::Checked) => Ok(()),
            None => Err("the circuit did not stay closed".to_owned()),
            Some(missing) => Err(format!(
                "the circuit did not become {missing} in time; a longer run (--seconds 20) or a shorter \
                 CHECKEDMAP_RECOVER_MS gives it the quiet it needs"
            )),
        }
    }

    fn write_requests(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Requests { ok, created, not_found, internal_error, other, unanswered, slowest } = self.requests;
        writeln!(
            f,
            "  requests  {} served in {:.1?}: {created} x 201 (login), {ok} x 200 and {not_found} x 404 (session found, or ended)",
            self.requests.served(),
            self.lasted
        )?;
        writeln!(
            f,
            "            {} failed: {internal_error} x 500, {other} x other, {unanswered} unanswered; slowest answer {slowest:.1?}",
            self.requests.failed()
        )?;
        writeln!(
            f,
            "  service   {}",
            if self.alive { "alive at the end (GET /healthz: 200)" } else { "DEAD at the end" }
        )
    }

    fn write_janitor(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Swept { sweeps, ended, restarts, largest } = self.swept;
        writeln!(
            f,
            "  janitor   {sweeps} sweeps ended {ended} sessions (largest tenant: {largest} open); {restarts} sweeps panicked and were begun again"
        )?;
        if self.hushed > 0 {
            writeln!(f, "  panics    {} more like those printed above were counted and not printed", self.hushed)?;
        }
        Ok(())
    }

    fn write_timeline(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mode, circuit) = self.timeline.first;
        writeln!(f, "  map         0.00 s  mode {mode}, circuit {circuit}")?;
        for (at, what) in &self.timeline.events {
            writeln!(f, "            {:>6.2} s  {what}", at.as_secs_f64())?;
        }
        Ok(())
    }

    fn write_findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.findings.len();
        writeln!(f, "CONFLICTS: {pairs} pair{} of places", if pairs == 1 { "" } else { "s" })?;
        for (pair, count) in &self.findings {
            writeln!(f, "{count:>6} x  {}", pair.kind)?;
            match &pair.holder {
                Some(holder) => write_place("inside ", holder, f)?,
                None => writeln!(f, "            inside   could not be named")?,
            }
            write_place("refused", &pair.contender, f)?;
        }
        Ok(())
    }

    /// Where a collector got the reports from this run, or not.
    fn write_delivered(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Delivered { accounts, traces }) = &self.delivered else { return Ok(()) };
        writeln!(f, "TELEMETRY: {accounts}")?;
        for (trace, pair) in traces {
            let inside = pair.holder.as_ref().map_or_else(|| "unknown".to_owned(), |holder| holder.actor.to_string());
            writeln!(f, "  trace {trace}  {}, inside {inside}, refused {}", pair.kind, pair.contender.actor)?;
        }
        if accounts.dropped + accounts.pending > 0 {
            writeln!(
                f,
                "  Not all of them reached the collector. CHECKEDMAP_SPOOL=DIR keeps what does not for the next run."
            )?;
        }
        writeln!(f)
    }

    fn write_next(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "THE FIX: `let _turn = ORDER.write();` as the first line of `sweep` in examples/staging/janitor.rs."
        )?;
        writeln!(f, "NEXT, other answers to the same bug:")?;
        for (mode, what) in [
            (Mode::Log, "the second access waits its turn; each overlap is counted"),
            (Mode::Panic, "the second access panics: a request fails with 500, the service lives"),
            (Mode::Fallback, "the map falls back to a lock, and recovers when the janitor has stopped"),
            (Mode::Abort, "the process ends at the first conflict, with its report"),
        ] {
            if mode != self.mode {
                writeln!(f, "  CHECKEDMAP_MODE={:<8} cargo run --release --example staging   # {what}", mode.as_str())?;
            }
        }
        Ok(())
    }
}

/// The pages that `CHECKEDMAP_REPORT` asks for, as far as they could be written.
fn pages() -> Vec<PathBuf> {
    let targets = Config::from_env().map_or_else(|_| Vec::new(), |config| config.report().to_vec());
    let pages = targets.into_iter().filter_map(|target| match target {
        ReportTarget::Html(path) => Some(HtmlPage::new(path).path()),
        _ => None,
    });
    pages.filter(|page| page.exists()).collect()
}

fn write_place(role: &str, place: &Place, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Place { actor, operation, site } = place;
    let operation = format!("`{operation}`");
    writeln!(f, "            {role}  {operation:<9} by {actor:<16} at {site}")
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nWHAT HAPPENED")?;
        self.write_requests(f)?;
        self.write_janitor(f)?;
        self.write_timeline(f)?;
        writeln!(f)?;
        self.write_findings(f)?;
        writeln!(f)?;
        let balance = if self.books.balanced() { "balanced" } else { "NOT BALANCED" };
        writeln!(f, "THE BOOKS: {} ({balance})", self.books)?;
        let suspects = checkedmap::stale::books();
        if suspects.detected > 0 {
            writeln!(
                f,
                "SUSPECTS: {suspects}: `counters::counted` takes the lock twice (examples/staging/counters.rs)"
            )?;
        }
        for page in pages() {
            writeln!(f, "THE PAGE: {} (for a browser)", page.display())?;
        }
        writeln!(f)?;
        self.write_delivered(f)?;
        self.write_next(f)
    }
}
