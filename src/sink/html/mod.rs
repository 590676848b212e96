//! Reports as one page for a browser, which needs no server and no network.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use once_cell::race::OnceBox;

use super::Sink;
use crate::report::{Repeat, Report, Suspect, SuspectRepeat};

mod calendar;
mod file;
mod findings;
mod group;
mod markup;
mod page;
mod pair;
mod report;
mod source;
mod stack;
mod steps;
mod suspects;
mod tally;
#[cfg(test)]
mod tests;
mod timeline;
mod writer;

use writer::Writer;

/// The least time between two writes of a page: short for somebody who reloads it, long beside the milliseconds it takes.
const REST: Duration = Duration::from_millis(250);

/// Keeps one HTML page up to date: conflicts by pair of sites, each with its counts, a timeline of the two accesses, and both
/// stacks with the lines of source around each frame, where the files are at hand.
///
/// The page is one file that refers to nothing outside itself. It can be opened from the disk, sent to somebody, or kept by
/// a build server. It shows lines of the program's source and the names of maps and threads; keys and values are never in it.
///
/// It holds the 100 pairs of sites that came first, and of each the first and the latest report either way round; the rest is
/// counted on it.
///
/// Suspects, which [stale checks](crate::stale) find, have a part of their own below the conflicts, with their three steps, and
/// bounds of their own: 100 groups of sites. They are not counted among the conflicts. In a [hunt](crate::docs::hunt) the page
/// says how that goes, and what makes its choices again.
///
/// # What is written when
///
/// The first report is on the page at once. After that the page is written a quarter of a second after the last time, or ten
/// times as long as that took, if there is anything new; and at each [`flush`](crate::flush), the one at the exit of the process
/// included. A process that dies without an exit, by `kill -9` say, so loses from the page what came within that time.
/// The page is written beside itself and then renamed, so it is whole at every moment, and also where its
/// writer is killed in the middle; all that may be left then is a file `PATH.PROCESS.tmp`.
///
/// A page that is there already is replaced, by the first report or flush. `{pid}` in the path stands for the process's id, for
/// programs that run more than once at a time. A forked child's page has its id in the name: `conflicts.4711.html`.
///
/// Where the page cannot be written, one line on stderr says so, and reports go to stderr until it can be.
///
/// # Examples
///
/// ```
/// use checkedmap::sink::{HtmlPage, add_sink};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("conflicts.html");
/// add_sink(HtmlPage::new(&path));
/// // .. the program, then, for a page even where there was no conflict:
/// checkedmap::flush(std::time::Duration::from_secs(10))?;
/// assert!(std::fs::read_to_string(&path)?.contains("No conflict seen"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct HtmlPage {
    path: PathBuf,
    /// The process that the sink was made in.
    process: u32,
    pages: OnceBox<ProcessPage>,
}

/// The page of this process, and then those of its forked children: each is used by one process, as a lock that a thread held
/// at a fork stays held in the child for ever.
struct ProcessPage {
    process: u32,
    writer: Arc<Writer>,
    next: OnceBox<ProcessPage>,
}

impl HtmlPage {
    /// A sink that will keep this file up to date. A relative path is one below the current directory as it is now.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path, process: std::process::id(), pages: OnceBox::new() }
    }

    /// Where this process's page is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.path_of(std::process::id())
    }

    fn path_of(&self, process: u32) -> PathBuf {
        file::path_of(&self.path, process, process != self.process)
    }

    fn writer(&self) -> &Arc<Writer> {
        let process = std::process::id();
        let mut place = &self.pages;
        loop {
            let page = place.get_or_init(|| {
                let writer = Arc::new(Writer::new(self.path_of(process), REST));
                Box::new(ProcessPage { process, writer, next: OnceBox::new() })
            });
            if page.process == process {
                return &page.writer;
            }
            place = &page.next;
        }
    }
}

impl std::fmt::Debug for ProcessPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessPage").field("process", &self.process).finish_non_exhaustive()
    }
}

impl Sink for HtmlPage {
    fn report(&self, report: &Report) {
        self.writer().report(report);
    }

    fn repeated(&self, repeat: &Repeat) {
        self.writer().repeated(repeat);
    }

    fn suspect(&self, suspect: &Suspect) {
        self.writer().suspect(suspect);
    }

    fn suspect_repeated(&self, repeat: &SuspectRepeat) {
        self.writer().suspect_repeated(repeat);
    }

    fn flush(&self) {
        self.writer().flush();
    }
}
