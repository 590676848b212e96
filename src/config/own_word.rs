//! One collection's own word on a setting that the configuration has as well.

use std::marker::PhantomData;

use crate::ledger::current;
use crate::sync::{AtomicU32, Ordering};

/// Which setting a word is on.
pub(crate) trait Setting {
    /// How many collections say yes of their own. Written by [`OwnWord`].
    fn count() -> &'static AtomicU32;
}

const INHERIT: u32 = 0;
const ON: u32 = 1;
const OFF: u32 = 2;

/// See the module's page. While it says yes it is counted, and accesses take the long way.
pub(crate) struct OwnWord<S: Setting>(AtomicU32, PhantomData<fn() -> S>);

// Every access is Relaxed: a setting stands for itself, and who reads the old one has read it before the change.

impl<S: Setting> OwnWord<S> {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(INHERIT), PhantomData)
    }

    /// Whether some collection says yes of its own.
    pub(crate) fn any() -> bool {
        S::count().load(Ordering::Relaxed) > 0
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
        let word = own.map_or(INHERIT, |on| if on { ON } else { OFF });
        match (self.0.swap(word, Ordering::Relaxed) == ON, word == ON) {
            (false, true) => S::count().fetch_add(1, Ordering::Relaxed),
            (true, false) => S::count().fetch_sub(1, Ordering::Relaxed),
            _ => return,
        };
        current::follow_settings();
    }
}

impl<S: Setting> Drop for OwnWord<S> {
    fn drop(&mut self) {
        if self.get() == Some(true) {
            self.set(None);
        }
    }
}
