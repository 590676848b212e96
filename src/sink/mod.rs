//! Sinks: where reports go.
//!
//! `CHECKEDMAP_REPORT` names the sinks a process starts with; [`add_sink`] adds to them and [`set_sinks`] replaces them. A
//! sink runs on the reporter's thread with no lock of this library held. It may block, which holds up the reports behind it but
//! no map; it may use checked maps, add sinks, read the books; it may panic, which is told once on stderr and costs it
//! that report.

use crate::config::ReportTarget;
use crate::report::{Repeat, Report, Reporter, Suspect, SuspectRepeat};

mod html;
#[cfg(feature = "serde")]
mod json_lines;
mod memory;
mod registry;
mod stderr;
mod tracing_event;

pub use html::HtmlPage;
#[cfg(feature = "serde")]
pub use json_lines::JsonLines;
pub use memory::Memory;
pub(crate) use registry::Registry;
pub use stderr::Stderr;
pub use tracing_event::TracingEvent;

/// A receiver of reports.
///
/// # Examples
///
/// ```
/// use checkedmap::report::Report;
/// use checkedmap::sink::{Sink, add_sink};
///
/// struct Pager;
///
/// impl Sink for Pager {
///     fn report(&self, report: &Report) {
///         println!("{} conflict on {}", report.kind, report.map);
///     }
/// }
///
/// add_sink(Pager);
/// ```
pub trait Sink: Send + Sync + 'static {
    /// Takes a report.
    fn report(&self, report: &Report);

    /// Takes the count of conflicts that were folded into a report after it went out.
    fn repeated(&self, repeat: &Repeat) {
        let _ = repeat;
    }

    /// Takes a suspect, which [stale checks](crate::docs::stale) found. A sink without this method is one for conflicts only.
    fn suspect(&self, suspect: &Suspect) {
        let _ = suspect;
    }

    /// Takes the count of suspects that were folded into one after it went out.
    fn suspect_repeated(&self, repeat: &SuspectRepeat) {
        let _ = repeat;
    }

    /// Makes sure that what was taken is where it belongs.
    fn flush(&self) {}
}

/// Adds a sink to the process's.
pub fn add_sink(sink: impl Sink) {
    Reporter::current().sinks().add(sink);
}

/// Replaces all sinks of the process, those of the configuration included. Without any, reports are counted only.
///
/// ```
/// checkedmap::sink::set_sinks([]);
/// ```
pub fn set_sinks(sinks: impl IntoIterator<Item = Box<dyn Sink>>) {
    Reporter::current().sinks().replace(sinks);
}

/// Replaces the sinks of the configuration.
pub(crate) fn configure(targets: &[ReportTarget]) {
    Reporter::current().sinks().configure(targets);
}
