//! Parcels between the library's reporter thread and the courier, and the accounts of them.

use std::collections::VecDeque;
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::identity::{Class, Seed};
use crate::parcel::{Content, Origin, Parcel};
use crate::spool::{self, Found, Spool};

/// Parcels in memory while the collector is away. A report with two stacks is some 20 kB, so this is 20 MB at worst.
const CAPACITY: usize = 1024;

/// What became of the conflicts, the suspects and the counts of repeats that were handed to this exporter.
///
/// `taken + recovered == sent + pending + dropped + spooled` at every instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accounts {
    /// Handed over by the library in this process.
    pub taken: u64,
    /// Found on the disk of processes that have died.
    pub recovered: u64,
    /// Acknowledged by the collector, or by the provider's flush where the provider is the program's own.
    pub sent: u64,
    /// Still to be delivered.
    pub pending: u64,
    /// Lost: there was no room, or no time, and no spool. One that was on its way when the time was up is among them, though
    /// it may arrive.
    pub dropped: u64,
    /// Given up by this process but on disk, for the next one to send.
    pub spooled: u64,
    /// Lines of the spool that could not be read. Not part of the sum: nobody knows what they were.
    pub unreadable: u64,
}

impl Accounts {
    /// Whether everything is accounted for.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.taken + self.recovered == self.sent + self.pending + self.dropped + self.spooled
    }
}

impl fmt::Display for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { taken, recovered, sent, pending, dropped, spooled, unreadable } = self;
        write!(f, "taken {taken} + recovered {recovered} = sent {sent} + pending {pending} + dropped {dropped} + ")?;
        write!(f, "spooled {spooled} (unreadable {unreadable})")
    }
}

/// See the module's page.
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
    spool: Option<Spool>,
    epoch: u64,
    /// The process whose courier delivers. A forked child has neither its threads nor a right to its spool.
    pid: u32,
    told: AtomicBool,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Parcel>,
    /// Parcels that the courier has taken, and not settled or given back: in memory only, and on disk.
    in_hand: InHand,
    accounts: Accounts,
    /// Flushes asked for, and served.
    wanted: u64,
    served: u64,
    phase: Phase,
}

#[derive(Default)]
struct InHand {
    in_memory: u64,
    on_disk: u64,
}

impl InHand {
    fn of(&mut self, parcel: &Parcel) -> &mut u64 {
        if parcel.page.is_some() { &mut self.on_disk } else { &mut self.in_memory }
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// The courier is to make its last round.
    Closing,
    /// Nobody delivers any more.
    Closed,
}

/// What the courier has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    /// Somebody waits for this flush.
    pub(crate) flush: Option<u64>,
    /// It is the last.
    pub(crate) last: bool,
}

impl Outbox {
    /// An outbox, with what dead processes have left in `spool`.
    pub(crate) fn open(spool: Option<&Path>) -> std::io::Result<Self> {
        let epoch = spool::epoch();
        let (spool, found) = match spool {
            Some(directory) => {
                let (spool, found) = Spool::open(directory, epoch)?;
                (Some(spool), found)
            }
            None => (None, Found::default()),
        };
        let mut state = State::default();
        state.accounts.recovered = found.parcels.len() as u64;
        state.accounts.pending = state.accounts.recovered;
        state.accounts.unreadable = found.unreadable;
        state.waiting = found.parcels.into();
        Ok(Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            spool,
            epoch,
            pid: std::process::id(),
            told: AtomicBool::new(false),
        })
    }

    /// What tells a report of this process from all others.
    pub(crate) fn seed(&self, class: Class, number: u64) -> Seed {
        Seed { class, pid: self.pid, number, epoch: self.epoch }
    }

    pub(crate) fn accounts(&self) -> Accounts {
        self.state.lock().accounts
    }

    /// Takes a parcel. Writes it to the spool, if there is one; never waits for the network.
    pub(crate) fn push(&self, content: Content) {
        let page = self.spool.as_ref().and_then(|spool| spool.keep(&content).map_err(|error| self.tell(&error)).ok());
        let seed = content.seed(self.pid, self.epoch);
        let parcel = Parcel { content, origin: Origin::Live, seed, page, counted: false };
        let mut state = self.state.lock();
        state.accounts.taken += 1;
        if state.phase == Phase::Closed || state.waiting.len() >= CAPACITY {
            state.give_up(&parcel);
        } else {
            state.accounts.pending += 1;
            state.waiting.push_back(parcel);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until the courier has made a round over everything that is there, whatever came of it. Says whether it has.
    pub(crate) fn flush(&self, bound: Duration) -> bool {
        if let Some(spool) = &self.spool
            && let Err(error) = spool.sync()
        {
            self.tell(&error);
        }
        let deadline = Instant::now() + bound;
        let mut state = self.state.lock();
        state.wanted += 1;
        let ticket = state.wanted;
        self.changed.notify_all();
        while state.served < ticket && state.phase != Phase::Closed {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        state.served >= ticket
    }

    /// Asks for a last round, and waits for it. What is still here then is given up.
    pub(crate) fn close(&self, bound: Duration) {
        let deadline = Instant::now() + bound;
        let mut state = self.state.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        self.changed.notify_all();
        while state.phase != Phase::Closed {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        self.end(&mut state);
    }

    /// The courier has made its last round.
    pub(crate) fn finish(&self) {
        self.end(&mut self.state.lock());
    }

    fn end(&self, state: &mut State) {
        if state.phase == Phase::Closed {
            return;
        }
        state.phase = Phase::Closed;
        for parcel in std::mem::take(&mut state.waiting) {
            state.accounts.pending -= 1;
            state.give_up(&parcel);
        }
        // Whatever becomes of them, nobody is told: a count of what was lost must not fall again.
        let InHand { in_memory, on_disk } = std::mem::take(&mut state.in_hand);
        state.accounts.pending -= in_memory + on_disk;
        state.accounts.dropped += in_memory;
        state.accounts.spooled += on_disk;
        if let Some(spool) = &self.spool {
            spool.close();
        }
        self.changed.notify_all();
    }

    /// For the courier: waits for something to do, at most until `tick`. Parcels count only from `retry` on.
    pub(crate) fn wait(&self, tick: Instant, retry: Option<Instant>) -> Round {
        let mut state = self.state.lock();
        loop {
            let now = Instant::now();
            let round = Round {
                flush: (state.wanted > state.served).then_some(state.wanted),
                last: state.phase != Phase::Open,
            };
            let parcels = !state.waiting.is_empty();
            let due = parcels && retry.is_none_or(|retry| now >= retry);
            if round.last || round.flush.is_some() || due || now >= tick {
                return round;
            }
            let alarm = retry.filter(|_| parcels).map_or(tick, |retry| retry.min(tick));
            self.changed.wait_until(&mut state, alarm);
        }
    }

    pub(crate) fn serve(&self, flush: u64) {
        let mut state = self.state.lock();
        state.served = state.served.max(flush);
        drop(state);
        self.changed.notify_all();
    }

    /// What no metric has counted yet. It is counted now.
    pub(crate) fn uncounted(&self) -> Vec<Parcel> {
        self.state.lock().waiting.iter_mut().filter_map(Parcel::count).collect()
    }

    /// Up to `most` parcels, no two of one report. Each must be [settled](Self::settle) or [given back](Self::give_back).
    pub(crate) fn take(&self, most: usize) -> Vec<Parcel> {
        let mut state = self.state.lock();
        let mut batch: Vec<Parcel> = Vec::new();
        while batch.len() < most
            && state.waiting.front().is_some_and(|next| batch.iter().all(|parcel| parcel.seed != next.seed))
        {
            batch.extend(state.waiting.pop_front());
        }
        for parcel in &batch {
            *state.in_hand.of(parcel) += 1;
        }
        batch
    }

    /// A parcel has arrived.
    pub(crate) fn settle(&self, parcel: &Parcel) {
        if let Some(page) = &parcel.page {
            page.sent();
        }
        let mut state = self.state.lock();
        if state.phase != Phase::Closed {
            *state.in_hand.of(parcel) -= 1;
            state.accounts.pending -= 1;
            state.accounts.sent += 1;
        }
    }

    /// Parcels have not arrived. They go behind the others, so that one a collector refuses holds up nobody.
    pub(crate) fn give_back(&self, parcels: Vec<Parcel>) {
        let mut state = self.state.lock();
        if state.phase == Phase::Closed {
            return;
        }
        for parcel in parcels {
            *state.in_hand.of(&parcel) -= 1;
            state.waiting.push_back(parcel);
        }
    }

    fn tell(&self, error: &std::io::Error) {
        self.tell_once(format_args!("CHECKEDMAP_SPOOL cannot be written ({error}); reports stay in memory"));
    }

    fn tell_once(&self, what: fmt::Arguments<'_>) {
        // Relaxed: only who comes first matters, nothing is published.
        if !self.told.swap(true, Ordering::Relaxed) {
            let _ = writeln!(std::io::stderr(), "checkedmap-otel: {what}; this is told once");
        }
    }

    /// Whether this is another process than the one that exports. Takes no lock: the fork may have left them held.
    pub(crate) fn is_foreign(&self) -> bool {
        let foreign = std::process::id() != self.pid;
        if foreign {
            self.tell_once(format_args!("a forked process exports nothing until it calls `init` itself"));
        }
        foreign
    }
}

impl State {
    fn give_up(&mut self, parcel: &Parcel) {
        let term = if parcel.page.is_some() { &mut self.accounts.spooled } else { &mut self.accounts.dropped };
        *term += 1;
    }
}

#[cfg(test)]
mod tests {
    use checkedmap::report::Record;

    use super::*;

    fn content(number: u64) -> Content {
        let repeat = format!(
            r#"{{"schema":1,"repeat_of":{number},"kind":"write_write","map":null,"count":3,"first":1,"last":2}}"#
        );
        Record::from_json(&repeat).expect("a count").try_into().expect("known")
    }

    /// Four parcels: one is sent, one is sent and one given back after the end, one stays.
    fn ended_with_parcels_in_hand(spool: Option<&Path>) -> Accounts {
        let outbox = Outbox::open(spool).unwrap();
        (1..=4).for_each(|number| outbox.push(content(number)));
        let mut batch = outbox.take(3);
        outbox.settle(&batch.remove(0));
        outbox.close(Duration::ZERO);
        let accounts = outbox.accounts();
        outbox.settle(&batch.remove(0));
        outbox.give_back(batch);
        assert_eq!(outbox.accounts(), accounts, "the end is the end");
        assert!(accounts.balanced(), "{accounts}");
        accounts
    }

    #[test]
    fn what_is_in_hand_at_the_end_is_dropped() {
        let expected = Accounts { taken: 4, sent: 1, dropped: 3, ..Accounts::default() };
        assert_eq!(ended_with_parcels_in_hand(None), expected);
    }

    #[test]
    fn what_is_in_hand_at_the_end_stays_on_disk_unless_it_arrives() {
        let directory = tempfile::tempdir().unwrap();
        let expected = Accounts { taken: 4, sent: 1, spooled: 3, ..Accounts::default() };
        assert_eq!(ended_with_parcels_in_hand(Some(directory.path())), expected);
        let heir = Outbox::open(Some(directory.path())).unwrap();
        assert_eq!(heir.accounts().recovered, 2);
    }
}
