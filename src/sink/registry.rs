//! The sinks of a process, and the fence between them and the reporter.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::{HtmlPage, Sink, Stderr, TracingEvent};
use crate::config::ReportTarget;

/// The sinks of a process. The lock is never held while one of them runs, or is dropped.
pub(crate) struct Registry(Mutex<Lists>);

#[derive(Clone, Default)]
struct Lists {
    /// Those the configuration names.
    configured: Vec<Arc<Entry>>,
    /// Those the program added.
    added: Vec<Arc<Entry>>,
}

/// One sink, its faults contained.
pub(crate) struct Entry {
    /// `None` only while it is being dropped.
    sink: Option<Box<dyn Sink>>,
    /// Its type, as far as it is known, for the line about its panic.
    name: &'static str,
    panicked: AtomicBool,
}

impl Registry {
    pub(crate) fn configured(targets: &[ReportTarget]) -> Self {
        Self(Mutex::new(Lists { configured: targets.iter().map(Entry::of_target).collect(), added: Vec::new() }))
    }

    /// The same sinks behind a lock of their own, for a forked child. `None` where the parent was changing them at the
    /// moment of the fork.
    pub(crate) fn inherit(&self) -> Option<Self> {
        self.0.try_lock().map(|lists| Self(Mutex::new(lists.clone())))
    }

    pub(crate) fn add<S: Sink>(&self, sink: S) {
        let entry = Entry::new(Box::new(sink), std::any::type_name::<S>());
        self.0.lock().added.push(entry);
    }

    pub(crate) fn replace(&self, sinks: impl IntoIterator<Item = Box<dyn Sink>>) {
        let added = sinks.into_iter().map(|sink| Entry::new(sink, "boxed")).collect();
        let lists = Lists { configured: Vec::new(), added };
        let old = std::mem::replace(&mut *self.0.lock(), lists);
        drop(old);
    }

    pub(crate) fn configure(&self, targets: &[ReportTarget]) {
        let configured = targets.iter().map(Entry::of_target).collect();
        let old = std::mem::replace(&mut self.0.lock().configured, configured);
        drop(old);
    }

    pub(crate) fn all(&self) -> Vec<Arc<Entry>> {
        let lists = self.0.lock();
        lists.configured.iter().chain(&lists.added).map(Arc::clone).collect()
    }
}

impl Entry {
    fn new(sink: Box<dyn Sink>, name: &'static str) -> Arc<Self> {
        Arc::new(Self { sink: Some(sink), name, panicked: AtomicBool::new(false) })
    }

    fn of_target(target: &ReportTarget) -> Arc<Self> {
        match target {
            ReportTarget::Stderr => Self::new(Box::new(Stderr::new()), "stderr"),
            ReportTarget::Tracing => Self::new(Box::new(TracingEvent::new()), "tracing"),
            ReportTarget::Html(path) => Self::new(Box::new(HtmlPage::new(path)), "html"),
            #[cfg(feature = "serde")]
            ReportTarget::Json(path) => Self::new(Box::new(super::JsonLines::new(path)), "json"),
        }
    }

    /// Lets the sink do something; says whether it did so without panicking.
    pub(crate) fn call(&self, work: impl FnOnce(&dyn Sink)) -> bool {
        let Some(sink) = &self.sink else { return false };
        let quiet = contain(|| work(&**sink));
        // Relaxed: only who comes first matters, nothing is published.
        if !quiet && !self.panicked.swap(true, Ordering::Relaxed) {
            let _ = writeln!(
                std::io::stderr(),
                "checkedmap: the {} sink panicked and may have lost a report; it stays, and further panics of it are not told",
                self.name
            );
        }
        quiet
    }
}

/// A sink may panic as it is dropped, on whichever thread lets it go last.
impl Drop for Entry {
    fn drop(&mut self) {
        let sink = self.sink.take();
        contain(|| drop(sink));
    }
}

/// Runs a user's code; says whether it came back without a panic. What it panicked with may itself panic when dropped.
fn contain(work: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(()) => true,
        Err(payload) => {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(payload);
            }
            false
        }
    }
}
