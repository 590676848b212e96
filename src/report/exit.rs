//! The last flush: a program that ends right after a conflict still reports it, and leaves what a hunt has learnt.

use std::sync::atomic::{AtomicBool, Ordering};

static REGISTERED: AtomicBool = AtomicBool::new(false);

/// Has reports flushed when the process exits, once per process.
pub(crate) fn register() {
    // Relaxed: only who comes first matters, nothing is published.
    if !REGISTERED.swap(true, Ordering::Relaxed) {
        at_exit();
    }
}

#[cfg(unix)]
#[allow(unsafe_code)]
fn at_exit() {
    use std::time::Duration;

    use super::Reporter;

    /// Long enough for the first symbols of a large program, then for a slow disk or a network; as long as an abort takes at
    /// most. A program that is told to end should not look hung.
    const BOUND: Duration = Duration::from_secs(5);

    extern "C" fn flush() {
        // An unwinding `extern "C"` function would abort the process in its last breath.
        let _ = std::panic::catch_unwind(|| {
            crate::hunt::finish();
            let left = Reporter::existing().map(|reporter| reporter.flush(BOUND));
            if let Some(Err(error)) = left {
                use std::io::Write;
                let _ = writeln!(std::io::stderr(), "checkedmap: at exit {error}");
            }
        });
    }

    // SAFETY: `flush` is a function of the whole program's life which does not unwind. Where there is no room for another
    // handler the call fails and changes nothing; the reports then depend on the program's own flush.
    let _ = unsafe { libc::atexit(flush) };
}

#[cfg(not(unix))]
fn at_exit() {}
