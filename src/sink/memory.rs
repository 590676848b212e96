//! Reports kept in memory, for tests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::Sink;
use crate::report::{Repeat, Report, Suspect, SuspectRepeat};

/// Keeps the last [`CAPACITY`](Self::CAPACITY) reports, suspects, and counts of repeats of each. Clones share them.
///
/// # Examples
///
/// ```
/// use checkedmap::sink::{Memory, add_sink};
///
/// let memory = Memory::new();
/// add_sink(memory.clone());
/// // .. a test that expects no conflict ..
/// assert!(memory.reports().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct Memory(Arc<Shared>);

#[derive(Default)]
struct Shared {
    kept: Mutex<Kept>,
    came: Condvar,
}

#[derive(Default)]
struct Kept {
    reports: VecDeque<Report>,
    repeats: VecDeque<Repeat>,
    suspects: VecDeque<Suspect>,
    suspect_repeats: VecDeque<SuspectRepeat>,
    /// Reports since the last clearing, those that made room for others included.
    taken: usize,
}

impl Memory {
    /// How many are kept of each sort; the oldest make room.
    pub const CAPACITY: usize = 1024;

    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The reports kept, oldest first.
    #[must_use]
    pub fn reports(&self) -> Vec<Report> {
        self.0.kept.lock().reports.iter().cloned().collect()
    }

    /// The counts of repeats kept, oldest first.
    #[must_use]
    pub fn repeats(&self) -> Vec<Repeat> {
        self.0.kept.lock().repeats.iter().cloned().collect()
    }

    /// The suspects kept, oldest first.
    #[must_use]
    pub fn suspects(&self) -> Vec<Suspect> {
        self.0.kept.lock().suspects.iter().cloned().collect()
    }

    /// The counts of repeated suspects kept, oldest first.
    #[must_use]
    pub fn suspect_repeats(&self) -> Vec<SuspectRepeat> {
        self.0.kept.lock().suspect_repeats.iter().cloned().collect()
    }

    /// Waits until there have been `reports` reports since the last [`clear`](Self::clear), and says whether there have.
    /// More than a day counts as a day.
    #[must_use]
    pub fn wait_for(&self, reports: usize, deadline: Duration) -> bool {
        let end = Instant::now() + deadline.min(Duration::from_secs(86_400));
        let mut kept = self.0.kept.lock();
        while kept.taken < reports {
            if self.0.came.wait_until(&mut kept, end).timed_out() {
                break;
            }
        }
        kept.taken >= reports
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.0.kept.lock() = Kept::default();
    }
}

impl Sink for Memory {
    fn report(&self, report: &Report) {
        let report = report.clone();
        let mut kept = self.0.kept.lock();
        keep(&mut kept.reports, report);
        kept.taken += 1;
        self.0.came.notify_all();
    }

    fn repeated(&self, repeat: &Repeat) {
        keep(&mut self.0.kept.lock().repeats, repeat.clone());
    }

    fn suspect(&self, suspect: &Suspect) {
        keep(&mut self.0.kept.lock().suspects, suspect.clone());
    }

    fn suspect_repeated(&self, repeat: &SuspectRepeat) {
        keep(&mut self.0.kept.lock().suspect_repeats, repeat.clone());
    }
}

fn keep<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() == Memory::CAPACITY {
        kept.pop_front();
    }
    kept.push_back(new);
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("reports", &self.0.kept.lock().reports.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_oldest_make_room() {
        let memory = Memory::new();
        for number in 0..=Memory::CAPACITY as u64 {
            let mut report = sample::report();
            report.number = number;
            memory.report(&report);
        }
        let reports = memory.reports();
        assert_eq!(reports.len(), Memory::CAPACITY);
        assert_eq!(reports[0].number, 1);
        assert!(memory.wait_for(Memory::CAPACITY + 1, Duration::ZERO));
        assert!(!memory.wait_for(Memory::CAPACITY + 2, Duration::ZERO));
        memory.clear();
        assert!(memory.reports().is_empty());
        assert!(!memory.wait_for(1, Duration::ZERO));
    }

    #[test]
    fn suspects_are_kept_apart() {
        let memory = Memory::new();
        memory.suspect(&sample::suspect());
        memory.suspect_repeated(&sample::suspect_repeat());
        assert_eq!(memory.suspects(), [sample::suspect()]);
        assert_eq!(memory.suspect_repeats(), [sample::suspect_repeat()]);
        assert!(memory.reports().is_empty() && memory.repeats().is_empty());
        assert!(!memory.wait_for(1, Duration::ZERO), "a suspect is no report");
        memory.clear();
        assert!(memory.suspects().is_empty() && memory.suspect_repeats().is_empty());
    }

    #[test]
    fn a_waiting_thread_is_woken() {
        let memory = Memory::new();
        let waiting = memory.clone();
        let waiter = std::thread::spawn(move || waiting.wait_for(2, Duration::from_secs(60)));
        memory.report(&sample::report());
        memory.report(&sample::report());
        assert!(waiter.join().expect("no panic"));
    }
}
