//! The janitor: sweeps expired sessions, on a thread of its own.
//!
//! It does what its author wanted: no expired session stays, each ending is on record, and the tenants' figures are fresh.
//! The author tested it alone, where it is correct. What is missing is the first line of [`sweep`]:
//! `let _turn = ORDER.write();`

use std::fs::File;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::sessions::{SESSIONS, Session, TENANTS};

/// The pause between two sweeps. A real one sweeps every minute; a run of seconds cannot wait for that.
const PAUSE: Duration = Duration::from_millis(40);

/// What the janitor did.
#[derive(Default)]
pub(crate) struct Swept {
    pub(crate) sweeps: u64,
    pub(crate) ended: u64,
    /// Sweeps that panicked and were begun again.
    pub(crate) restarts: u64,
    /// The largest tenant at the last sweep.
    pub(crate) largest: u64,
}

/// The janitor's thread.
pub(crate) struct Janitor {
    thread: JoinHandle<Swept>,
    stop: Arc<AtomicBool>,
}

impl Janitor {
    pub(crate) fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let work = move || until_told(&told);
        let thread = std::thread::Builder::new().name("janitor".to_owned()).spawn(work).expect("one more thread");
        Self { thread, stop }
    }

    /// Tells it to stop; says whether that is news.
    pub(crate) fn stop(&mut self) -> bool {
        // Relaxed: a wish; the thread's end is what orders its work before ours.
        let news = !self.stop.swap(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        news
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Stops it, and says what it did.
    pub(crate) fn finish(mut self) -> Swept {
        self.stop();
        self.thread.join().expect("each sweep's panic is caught")
    }
}

/// Sweeps until told to stop. A sweep that panics is begun again after the pause: a janitor that dies quietly fills the
/// memory.
fn until_told(stop: &AtomicBool) -> Swept {
    let mut audit = tempfile::tempfile().expect("a file in the directory for temporary files");
    let mut swept = Swept::default();
    while !stop.load(Ordering::Relaxed) {
        match catch_unwind(AssertUnwindSafe(|| traced(|| sweep(&mut audit, &mut swept)))) {
            Ok(()) => swept.sweeps += 1,
            Err(_) => swept.restarts += 1,
        }
        std::thread::park_timeout(PAUSE);
    }
    swept
}

/// A trace for each sweep, as the requests have theirs.
fn traced<T>(sweep: impl FnOnce() -> T) -> T {
    tracing::info_span!("sweep").in_scope(sweep)
}

/// Ends the expired sessions, and counts the others by tenant.
fn sweep(audit: &mut File, swept: &mut Swept) {
    let now = Instant::now();
    let mut open = [0; TENANTS as usize];
    SESSIONS.retain(|id, session| {
        if session.expires > now {
            open[session.tenant as usize] += 1;
            return true;
        }
        record(audit, *id, session).expect("the audit takes a line");
        swept.ended += 1;
        false
    });
    swept.largest = open.into_iter().max().unwrap_or_default();
}

/// Writes one line of the audit. The auditors want it out before the session is gone, so nothing is buffered.
fn record(audit: &mut File, id: u64, session: &Session) -> io::Result<()> {
    let line = format!("session {id} of {} (tenant {}) has ended\n", session.user, session.tenant);
    audit.write_all(line.as_bytes())
}
