//! One collection's own word on whether it is hunted in.

use crate::sync::{AtomicU32, Ordering};

const INHERIT: u32 = 0;
const ON: u32 = 1;
const OFF: u32 = 2;

/// How many collections are hunted in by their own word: while there are any, accesses take the long way.
static HUNTED: AtomicU32 = AtomicU32::new(0);

// Every access is Relaxed: a setting stands for itself, and who reads the old one has read it before the change.

/// Whether some collection is hunted in by its own word.
pub(super) fn any() -> bool {
    HUNTED.load(Ordering::Relaxed) > 0
}

/// See the module's page.
pub(crate) struct Own(AtomicU32);

impl Own {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(INHERIT))
    }

    /// `None` where the collection follows the configuration.
    pub(crate) fn get(&self) -> Option<bool> {
        match self.0.load(Ordering::Relaxed) {
            ON => Some(true),
            OFF => Some(false),
            _ => None,
        }
    }

    pub(crate) fn set(&self, own: Option<bool>) {
        self.change(own);
        if own != Some(true) {
            super::delay::wake();
        }
    }

    fn change(&self, own: Option<bool>) {
        let word = own.map_or(INHERIT, |on| if on { ON } else { OFF });
        match (self.0.swap(word, Ordering::Relaxed) == ON, word == ON) {
            (false, true) => {
                HUNTED.fetch_add(1, Ordering::Relaxed);
            }
            (true, false) => {
                HUNTED.fetch_sub(1, Ordering::Relaxed);
            }
            _ => return,
        }
        crate::ledger::current::follow_settings();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if self.get() == Some(true) {
            // Nobody can be inside any more.
            self.change(None);
        }
    }
}
