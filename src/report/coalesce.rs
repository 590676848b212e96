//! Folding findings of one origin into one report with a count.
//!
//! A window opens with the first finding of a key (for a conflict: its map, kind and pair of sites) and closes a fixed time
//! later, so a conflict that never ceases is reported in full once per window rather than once and never again. What a window has folded is
//! told in portions: with the report itself, at a flush, when it closes. The portions add up to the findings.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant, SystemTime};

use super::MapIdentity;
use crate::access::Site;
use crate::conflict::{ConflictKind, Subject};

/// Long enough that a hot loop in conflict gives a page of log per minute, short enough that an operator who has changed
/// something sees the next report while still looking.
pub(super) const WINDOW: Duration = Duration::from_secs(5);

/// Windows open at a time: each has its pair of sites in the source, so a program with more is broken everywhere.
const WINDOWS: usize = 4096;

/// Closed windows whose counts no sink has been told yet.
const CLOSED: usize = 1024;

/// What makes two conflicts the same for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The collection's id.
    pub(crate) subject: u64,
    pub(crate) kind: ConflictKind,
    pub(crate) contender: Site,
    pub(crate) holder: Option<Site>,
}

/// What to do with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Report it, under this number.
    First(u64),
    /// Report `number` stands for it; it is the `nth` of its window, from 2.
    Repeat { number: u64, nth: u64 },
}

/// Conflicts folded into a report after it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Repeat {
    /// The report that stands for them.
    #[cfg_attr(feature = "serde", serde(rename = "repeat_of"))]
    pub number: u64,
    /// The process's id: numbers are its own, and several processes may share a file. 0 in lines that do not tell.
    #[cfg_attr(feature = "serde", serde(default))]
    pub pid: u32,
    /// How the two sides collided.
    pub kind: ConflictKind,
    /// The collection; `None` where the report itself has not come through.
    pub map: Option<MapIdentity>,
    /// How many there were since the report, or since the last count.
    pub count: u64,
    /// The first of them, in nanoseconds since 1970.
    pub first: u64,
    /// The last of them, in nanoseconds since 1970.
    pub last: u64,
}

/// What a window has folded and no sink has been told yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folded<K> {
    pub(super) key: K,
    /// The report that stands for them.
    pub(super) number: u64,
    pub(super) map: Option<MapIdentity>,
    pub(super) count: u64,
    pub(super) first: SystemTime,
    pub(super) last: SystemTime,
}

impl From<Folded<Key>> for Repeat {
    fn from(folded: Folded<Key>) -> Self {
        Self {
            number: folded.number,
            pid: std::process::id(),
            kind: folded.key.kind,
            map: folded.map,
            count: folded.count,
            first: super::build::unix_nanoseconds(folded.first),
            last: super::build::unix_nanoseconds(folded.last),
        }
    }
}

struct Window {
    number: u64,
    opened: Instant,
    /// Findings so far, the reported one included.
    seen: u64,
    /// Those no sink has been told of.
    untold: u64,
    first: SystemTime,
    last: SystemTime,
    map: Option<MapIdentity>,
}

/// The open windows of one class of findings.
pub(super) struct Coalescer<K> {
    windows: HashMap<K, Window>,
    /// Keys by age of their windows. Windows have one length, so the oldest is also the next to close.
    by_age: VecDeque<K>,
    closed: VecDeque<Folded<K>>,
    /// The number last given to a report.
    number: u64,
}

impl<K> Default for Coalescer<K> {
    fn default() -> Self {
        Self { windows: HashMap::new(), by_age: VecDeque::new(), closed: VecDeque::new(), number: 0 }
    }
}

impl<K: Copy + Eq + Hash> Coalescer<K> {
    pub(super) fn detect(&mut self, key: K, now: Instant, at: SystemTime) -> Verdict {
        self.close_expired(now);
        if let Some(window) = self.windows.get_mut(&key) {
            window.seen += 1;
            if window.untold == 0 {
                window.first = at;
            }
            window.untold += 1;
            window.last = at;
            return Verdict::Repeat { number: window.number, nth: window.seen };
        }
        self.number += 1;
        if self.make_room() {
            let (number, opened) = (self.number, now);
            self.windows.insert(key, Window { number, opened, seen: 1, untold: 0, first: at, last: at, map: None });
            self.by_age.push_back(key);
        }
        Verdict::First(self.number)
    }

    /// The number last given to a report.
    pub(super) fn last_number(&self) -> u64 {
        self.number
    }

    /// Gives no number up to this one any more.
    pub(super) fn skip_to(&mut self, number: u64) {
        self.number = self.number.max(number);
    }

    /// Tells a window, open or closed, the collection it is about.
    pub(super) fn label(&mut self, key: &K, number: u64, subject: &Subject) {
        if let Some(window) = self.windows.get_mut(key).filter(|window| window.number == number) {
            window.map = Some(subject.into());
        } else if let Some(folded) = self.closed.iter_mut().find(|folded| folded.number == number) {
            folded.map = Some(subject.into());
        }
    }

    /// Takes what a window has folded so far into the report that is about to be written.
    pub(super) fn take_untold(&mut self, key: &K, number: u64) -> u64 {
        match self.windows.get_mut(key).filter(|window| window.number == number) {
            Some(window) => std::mem::take(&mut window.untold),
            None => 0,
        }
    }

    /// Counts of windows that have closed.
    pub(super) fn take_closed(&mut self, now: Instant) -> Vec<Folded<K>> {
        self.close_expired(now);
        self.closed.drain(..).collect()
    }

    /// Counts of all windows; the open ones stay open.
    pub(super) fn take_all(&mut self, now: Instant) -> Vec<Folded<K>> {
        let mut told = self.take_closed(now);
        for key in &self.by_age {
            let window = self.windows.get_mut(key).expect("every key by age has its window");
            told.extend(window.tell(*key));
        }
        told
    }

    /// When the next window that has folded anything closes. It may have told it all by now, and fold more.
    pub(super) fn next_close(&self) -> Option<Instant> {
        let folding = self.by_age.iter().filter_map(|key| self.windows.get(key)).find(|window| window.seen > 1);
        folding.map(|window| window.opened + WINDOW)
    }

    fn close_expired(&mut self, now: Instant) {
        while let Some(oldest) = self.by_age.front() {
            let expired = self.windows.get(oldest).is_some_and(|window| now >= window.opened + WINDOW);
            if !expired || !self.close_oldest() {
                return;
            }
        }
    }

    /// Whether there is room for one more window. Without room, a finding has a report of its own and folds nothing.
    fn make_room(&mut self) -> bool {
        self.windows.len() < WINDOWS || self.close_oldest()
    }

    /// Closes the oldest window, unless its count has nowhere to go: no count is lost.
    fn close_oldest(&mut self) -> bool {
        let Some(&key) = self.by_age.front() else { return false };
        let window = self.windows.get_mut(&key).expect("every key by age has its window");
        if window.untold > 0 && self.closed.len() >= CLOSED {
            return false;
        }
        self.closed.extend(window.tell(key));
        self.windows.remove(&key);
        self.by_age.pop_front();
        true
    }
}

impl Window {
    fn tell<K>(&mut self, key: K) -> Option<Folded<K>> {
        let count = std::mem::take(&mut self.untold);
        let Self { number, first, last, .. } = *self;
        (count > 0).then(|| Folded { key, number, map: self.map.clone(), count, first, last })
    }
}

impl From<&Subject> for MapIdentity {
    fn from(subject: &Subject) -> Self {
        Self {
            id: subject.id(),
            name: subject.name().map(str::to_owned),
            type_name: subject.type_name().to_owned(),
            created: subject.created().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(subject: u64) -> Key {
        Key { subject, kind: ConflictKind::WriteWrite, contender: Site::caller(), holder: None }
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_window_folds_until_it_closes() {
        let mut coalescer = Coalescer::default();
        let (start, key) = (Instant::now(), key(1));
        assert_eq!(coalescer.detect(key, start, at(0)), Verdict::First(1));
        assert_eq!(coalescer.next_close(), None);
        assert_eq!(coalescer.detect(key, start, at(1)), Verdict::Repeat { number: 1, nth: 2 });
        let late = start + WINDOW - Duration::from_nanos(1);
        assert_eq!(coalescer.detect(key, late, at(4)), Verdict::Repeat { number: 1, nth: 3 });
        assert_eq!(coalescer.next_close(), Some(start + WINDOW));
        assert_eq!(coalescer.take_closed(late), []);

        assert_eq!(coalescer.detect(key, start + WINDOW, at(5)), Verdict::First(2));
        let told = coalescer.take_closed(start + WINDOW);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].number, told[0].count), (1, 2));
        assert_eq!((told[0].first, told[0].last), (at(1), at(4)));
        assert_eq!(coalescer.take_closed(start + WINDOW), []);
    }

    #[test]
    fn other_maps_kinds_and_sites_have_windows_of_their_own() {
        let mut coalescer = Coalescer::default();
        let (now, one) = (Instant::now(), key(1));
        let others = [
            Key { subject: 2, ..one },
            Key { kind: ConflictKind::ReadWrite, ..one },
            Key { contender: Site::caller(), ..one },
            Key { holder: Some(Site::caller()), ..one },
        ];
        assert_eq!(coalescer.detect(one, now, at(0)), Verdict::First(1));
        for (index, other) in others.into_iter().enumerate() {
            assert_eq!(coalescer.detect(other, now, at(0)), Verdict::First(index as u64 + 2));
        }
        assert!(coalescer.take_all(now).is_empty());
    }

    #[test]
    fn portions_add_up() {
        let mut coalescer = Coalescer::default();
        let (now, key) = (Instant::now(), key(1));
        for _ in 0..4 {
            coalescer.detect(key, now, at(0));
        }
        assert_eq!(coalescer.take_untold(&key, 1), 3);
        assert_eq!(coalescer.take_untold(&key, 1), 0);
        for _ in 0..2 {
            coalescer.detect(key, now, at(0));
        }
        assert_eq!(coalescer.take_all(now)[0].count, 2);
        assert_eq!(coalescer.detect(key, now, at(0)), Verdict::Repeat { number: 1, nth: 7 });
        assert_eq!(coalescer.take_closed(now + WINDOW)[0].count, 1);
    }

    #[test]
    fn a_full_table_closes_the_oldest_window_and_keeps_its_count() {
        let mut coalescer = Coalescer::default();
        let now = Instant::now();
        let keys: Vec<_> = (0..=WINDOWS as u64).map(|subject| Key { subject, ..key(0) }).collect();
        for key in &keys[..WINDOWS] {
            coalescer.detect(*key, now, at(0));
        }
        coalescer.detect(keys[0], now, at(0));
        coalescer.detect(keys[WINDOWS], now, at(0));
        assert_eq!(coalescer.windows.len(), WINDOWS);
        assert_eq!(coalescer.by_age.len(), WINDOWS);
        let told = coalescer.take_closed(now);
        assert_eq!((told.len(), told[0].number, told[0].count), (1, 1, 1));
        assert_eq!(coalescer.detect(keys[0], now, at(0)), Verdict::First(WINDOWS as u64 + 2));
    }

    #[test]
    fn counts_with_nowhere_to_go_stay_in_their_windows() {
        let mut coalescer = Coalescer::default();
        let now = Instant::now();
        let template = key(0);
        let total = (WINDOWS + CLOSED + 10) as u64;
        let mut folded = 0;
        for subject in 0..total {
            for _ in 0..2 {
                let verdict = coalescer.detect(Key { subject, ..template }, now, at(0));
                folded += u64::from(matches!(verdict, Verdict::Repeat { .. }));
            }
        }
        assert_eq!(coalescer.closed.len(), CLOSED);
        assert_eq!(coalescer.windows.len(), WINDOWS);
        assert_eq!(coalescer.take_all(now).iter().map(|repeat| repeat.count).sum::<u64>(), folded);
    }
}
