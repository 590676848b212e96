//! The thread that brings the plan on disk up to date soon after something was learnt, for programs that are killed.
//!
//! There is one, whatever settings come into force. Where it cannot be started, or has not come along to the child of a `fork`,
//! the plan is written as the program ends.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::helper;

/// How long the plan on disk may lag behind.
const LAG: Duration = Duration::from_millis(100);

/// Whether the thread was started. Written once.
static STARTED: AtomicBool = AtomicBool::new(false);

/// The thread. Written by itself as it begins.
static SAVER: OnceLock<Thread> = OnceLock::new();

/// There is something to save. Written by accesses, and by the saver.
static CALLED: AtomicBool = AtomicBool::new(false);

/// Has `save` called on a thread of the library's own, soon after each [`call`].
pub(super) fn start(save: fn()) {
    // Relaxed: it stands for itself.
    if STARTED.swap(true, Ordering::Relaxed) {
        return;
    }
    // Without the thread the plan is written as the program ends.
    let _ = helper::spawn("checkedmap-hunt", move || {
        let _ = SAVER.set(thread::current());
        // SeqCst: with the fence in `call`, either the call is seen here or the thread is found there.
        fence(Ordering::SeqCst);
        loop {
            if CALLED.load(Ordering::Relaxed) {
                thread::sleep(LAG);
                // Acquire, and before the look at what is new: who was not first to call relies on this one. Pairs with `call`.
                CALLED.swap(false, Ordering::Acquire);
                save();
            } else {
                thread::park();
            }
        }
    });
}

/// Something was learnt, and noted.
pub(super) fn call() {
    // Release: what was noted is seen by the saver's turn that takes this call back.
    if !CALLED.swap(true, Ordering::Release) {
        // SeqCst: see `start`.
        fence(Ordering::SeqCst);
        if let Some(saver) = SAVER.get() {
            saver.unpark();
        }
    }
}
