//! Who looks and acts: a task where there is one, else a thread.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// A thread or task, told apart from every other that is or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    /// By a number of ours: the system gives the ids of threads that have ended to new ones.
    Thread(u64),
    #[cfg(feature = "tokio")]
    Task(tokio::task::Id),
}

thread_local! {
    /// 0 until the thread is asked for. Without a destructor, so readable while other locals are torn down.
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

impl Actor {
    /// The caller.
    pub(super) fn current() -> Self {
        #[cfg(feature = "tokio")]
        if let Some(id) = tokio::task::try_id() {
            return Self::Task(id);
        }
        Self::Thread(thread())
    }

    /// The task's id, for reports.
    pub(super) fn task(self) -> Option<String> {
        match self {
            Self::Thread(_) => None,
            #[cfg(feature = "tokio")]
            Self::Task(id) => Some(id.to_string()),
        }
    }
}

fn thread() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    if NUMBER.get() == 0 {
        // Relaxed: numbers need only differ.
        NUMBER.set(LAST.fetch_add(1, Ordering::Relaxed) + 1);
    }
    NUMBER.get()
}
