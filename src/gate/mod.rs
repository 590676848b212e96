//! Decides who may be inside a collection.
//!
//! By what an access is admitted depends on the gate's regime. In the [`counted`] regime it is the count in the gate's
//! [`word`]; in the [`published`] ones, owned and shared-read, it is being seen in a ledger; in the [`degraded`] one it
//! is a lock. [`habit`] says when a counted gate becomes a published one.
//!
//! An access comes by way of [`admission`], which lets it in or says which of the [`holders`] is in its way; by
//! [`waiting`] it then gets its turn. How it was let in is how it leaves, and what [`lost`] threads have left inside is
//! taken off after a fork.

use crate::conflict::inquiry::Answer;
use crate::ledger::{Open, Phase};
use crate::sync::{AtomicU64, Lock, Ordering, Parking, const_unless_modelled};

mod admission;
mod counted;
mod degraded;
mod habit;
mod holders;
#[cfg(not(checkedmap_loom))]
mod lingering;
mod lost;
#[cfg(all(test, checkedmap_loom))]
mod models;
mod published;
#[cfg(all(test, not(checkedmap_loom)))]
mod tests;
mod waiting;
mod word;

pub(crate) use admission::{Manner, Refusal};
use habit::Habit;
#[cfg(not(checkedmap_loom))]
pub(crate) use lingering::wake_lingering;
pub(crate) use waiting::Wait;
use word::Word;
pub(crate) use word::{Regime, badge};

/// Decides who may be inside. See the module's page.
///
/// On one cache line, so that an access which is handed from one processor to another fetches one, whatever it looks at here.
#[repr(align(64))]
pub(crate) struct Gate {
    /// See [`word`]. Written by every access that enters or leaves by the count, and by whoever is refused.
    word: AtomicU64,
    /// 0 until the first access; then a number no other gate of the process has. Written once.
    identity: AtomicU64,
    /// What the accesses have been like lately.
    habit: Habit,
    /// What admits while the gate is degraded.
    lock: Lock,
    /// Where refused accesses sleep.
    parking: Parking,
}

#[cfg(not(checkedmap_loom))]
const _: () = assert!(size_of::<Gate>() == 64);

/// How an access is inside, which is how it must leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// By being published in a regime that admits by that.
    Published = 1,
    /// By the word's count.
    Counted = 2,
    /// By the lock.
    Locked = 3,
}

/// The numbers of gates. A number that is never given twice cannot be mistaken for another gate's, whatever becomes of
/// the memory the gate was in.
static IDENTITIES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);

impl Gate {
    const_unless_modelled! {
        pub(crate) fn new() -> Self {
            Self {
                word: AtomicU64::new(Word::FREE),
                identity: AtomicU64::new(0),
                habit: Habit::new(),
                lock: Lock::new(),
                parking: Parking::new(),
            }
        }
    }

    /// The gate's number; 0 if nobody has asked for it before.
    #[inline]
    pub(crate) fn known_identity(&self) -> u64 {
        // Relaxed: a number that publishes nothing; it is written once.
        self.identity.load(Ordering::Relaxed)
    }

    /// The gate's number.
    pub(crate) fn identity(&self) -> u64 {
        match self.known_identity() {
            0 => self.identify(),
            identity => identity,
        }
    }

    #[cold]
    fn identify(&self) -> u64 {
        let fresh = IDENTITIES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // Relaxed: as in `known_identity`; the first to write wins.
        match self.identity.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh,
            Err(earlier) => earlier,
        }
    }

    /// How the gate admits right now.
    pub(crate) fn regime(&self) -> Regime {
        self.load().regime()
    }

    /// Whether somebody has been refused, and whoever was in the way has not left yet.
    pub(crate) fn is_contended(&self) -> bool {
        self.load().is_contended()
    }

    #[inline]
    fn load(&self) -> Word {
        // Acquire: pairs with the Release in `uncount` and `exchange`: who sees the accesses of the word gone sees what
        // they did, and who sees them there finds them in their ledgers.
        Word(self.word.load(Ordering::Acquire))
    }

    /// Replaces `word` by `new`, if it is still there.
    #[inline]
    fn exchange(&self, word: Word, new: Word) -> bool {
        // AcqRel: Acquire pairs with the Release of whoever left or degraded before, Release with the Acquire in `load` and
        // here.
        self.word.compare_exchange(word.0, new.0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Replaces `word` by `marked`, which tells that somebody waits, if it is still there.
    fn mark(&self, word: Word, marked: Word) -> bool {
        let done = self.exchange(word, marked);
        #[cfg(not(checkedmap_loom))]
        if done && !word.is_contended() {
            wake_lingering();
        }
        done
    }

    /// Lets an access out. Where somebody was refused while it was inside, `evidence` is made and handed over; the gate
    /// is free by then.
    #[inline]
    pub(crate) fn leave(&self, open: Open, hold: Hold, evidence: impl Fn() -> Answer) {
        match hold {
            Hold::Published => self.leave_published(open, evidence),
            Hold::Counted => {
                open.set_phase(Phase::Leaving);
                self.leave_count(open, evidence);
                open.close();
            }
            Hold::Locked => {
                open.set_phase(Phase::Leaving);
                self.unlock(open.kind());
                open.close();
            }
        }
    }
}
