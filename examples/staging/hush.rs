//! A panic hook that prints a conflict in full once, and counts its repeats.
//!
//! In `panic` mode a hundred requests may fail of one bug. The library's reports fold repeats into a count; std's hook,
//! which knows nothing of that, would print a line for each.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicU64, Ordering};

static HUSHED: AtomicU64 = AtomicU64::new(0);

/// Installs the hook.
pub(crate) fn repeated_panics() {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let Some(message) = conflict(panic) else { return otherwise(panic) };
        if message.contains('\n') {
            let thread = std::thread::current();
            eprintln!("\nthread '{}' panicked:\n{message}\n", thread.name().unwrap_or("<unnamed>"));
        } else {
            // Relaxed: a figure for people.
            HUSHED.fetch_add(1, Ordering::Relaxed);
        }
    }));
}

/// How many panics were counted and not printed.
pub(crate) fn count() -> u64 {
    HUSHED.load(Ordering::Relaxed)
}

/// The message of a panic which is a conflict's.
fn conflict<'a>(panic: &'a PanicHookInfo<'_>) -> Option<&'a str> {
    panic.payload_as_str().filter(|message| message.contains("conflict on `sessions`"))
}
