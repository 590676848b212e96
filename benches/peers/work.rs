//! The operations, as entrants of a race.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::keys::{Hasher, Key};
use crate::race::Entrant;
use crate::subjects::Subject;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Get,
    Guard,
    Insert,
    Entry,
    RemoveInsert,
    Iterate,
    Mixed90,
    Mixed50,
}

impl Operation {
    pub(crate) const ALL: [Self; 8] = [
        Self::Get,
        Self::Guard,
        Self::Insert,
        Self::Entry,
        Self::RemoveInsert,
        Self::Iterate,
        Self::Mixed90,
        Self::Mixed50,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Guard => "get guard",
            Self::Insert => "insert",
            Self::Entry => "entry update",
            Self::RemoveInsert => "remove+insert",
            Self::Iterate => "iterate",
            Self::Mixed90 => "mixed 90/10",
            Self::Mixed50 => "mixed 50/50",
        }
    }

    pub(crate) fn only_reads(self) -> bool {
        matches!(self, Self::Get | Self::Guard | Self::Iterate)
    }

    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::RemoveInsert => "ns per pair",
            Self::Iterate => "ns per entry",
            _ => "ns per operation",
        }
    }
}

/// More threads than any table has.
pub(crate) const THREADS: usize = 256;

/// Where a thread goes on with the keys: large maps are not walked to their end in a round. Each on a line of its own, and on
/// one more, since processors fetch lines in pairs.
#[repr(align(128))]
struct Cursor(AtomicUsize);

/// A full map, its keys, and what is done with them.
pub(crate) struct Work<M, K> {
    subject: Arc<M>,
    name: &'static str,
    keys: Arc<Vec<K>>,
    operation: Operation,
    cursors: Vec<Cursor>,
}

impl<M, K> Work<M, K> {
    pub(crate) fn new<S>(subject: Arc<M>, keys: &Arc<Vec<K>>, operation: Operation) -> Self
    where
        M: Subject<K, S>,
        K: Key,
        S: Hasher,
    {
        // Threads begin far from each other.
        let cursors = (0..THREADS).map(|thread| Cursor(AtomicUsize::new(thread * 0x9e37_79b9 % keys.len()))).collect();
        Self { subject, name: M::NAME, keys: Arc::clone(keys), operation, cursors }
    }

    #[inline]
    fn each(&self, thread: usize, operations: u64, mut act: impl FnMut(u64, &K)) {
        // Relaxed: only one thread uses the cursor in a round.
        let mut place = self.cursors[thread].0.load(Ordering::Relaxed);
        for turn in 0..operations {
            act(turn, &self.keys[place]);
            place += 1;
            if place == self.keys.len() {
                place = 0;
            }
        }
        self.cursors[thread].0.store(place, Ordering::Relaxed);
    }
}

/// The entrant of a map for one kind of hasher.
pub(crate) struct Hashed<M, K, S>(pub(crate) Work<M, K>, pub(crate) std::marker::PhantomData<fn(S)>);

impl<M: Subject<K, S>, K: Key, S: Hasher> Hashed<M, K, S> {
    fn mixed(&self, thread: usize, operations: u64, is_write: impl Fn(u64) -> bool) {
        let mut sum = 0;
        self.0.each(thread, operations, |turn, key| {
            if is_write(turn) {
                self.0.subject.insert(key.clone(), turn);
            } else {
                sum ^= self.0.subject.get(key).unwrap_or(0);
            }
        });
        black_box(sum);
    }
}

impl<M: Subject<K, S>, K: Key, S: Hasher> Entrant for Hashed<M, K, S> {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn run(&self, thread: usize, operations: u64) {
        let Self(work, _) = self;
        let subject = &*work.subject;
        match work.operation {
            Operation::Get => {
                let mut sum = 0;
                work.each(thread, operations, |_, key| sum ^= subject.get(key).unwrap_or(0));
                black_box(sum);
            }
            Operation::Guard => work.each(thread, operations, |_, key| {
                black_box(subject.look(key, |value| {
                    black_box(value);
                }));
            }),
            Operation::Insert => work.each(thread, operations, |turn, key| subject.insert(key.clone(), turn)),
            Operation::Entry => work.each(thread, operations, |_, key| subject.update(key.clone())),
            Operation::RemoveInsert => work.each(thread, operations, |turn, key| {
                black_box(subject.remove(key));
                subject.insert(key.clone(), turn);
            }),
            Operation::Iterate => {
                let walks = operations.div_ceil(work.keys.len() as u64);
                for _ in 0..walks {
                    black_box(subject.sum());
                }
            }
            Operation::Mixed90 => self.mixed(thread, operations, |turn| turn % 10 == 9),
            Operation::Mixed50 => self.mixed(thread, operations, |turn| turn % 2 == 1),
        }
    }

    fn whole(&self) -> u64 {
        if self.0.operation == Operation::Iterate { self.0.keys.len() as u64 } else { 1 }
    }
}
