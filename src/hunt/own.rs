//! One collection's own word on whether it is hunted in.

use super::in_force::follow_own_word;
use crate::config::{OwnWord, Setting};
use crate::sync::{AtomicBool, AtomicU32, Ordering};

struct Hunted;

impl Setting for Hunted {
    fn count() -> &'static AtomicU32 {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        &COUNT
    }
}

/// Whether some collection is hunted in by its own word.
pub(super) fn any() -> bool {
    OwnWord::<Hunted>::any()
}

/// Whether some collection has ever been. Written by [`Own::set`].
static EVER: AtomicBool = AtomicBool::new(false);

/// Whether some collection is, or was, hunted in by its own word.
pub(super) fn ever() -> bool {
    // Relaxed: it stands for itself.
    EVER.load(Ordering::Relaxed)
}

/// See the module's page.
pub(crate) struct Own(OwnWord<Hunted>);

impl Own {
    pub(crate) const fn new() -> Self {
        Self(OwnWord::new())
    }

    /// `None` where the collection follows the configuration.
    pub(crate) fn get(&self) -> Option<bool> {
        self.0.get()
    }

    pub(crate) fn set(&self, own: Option<bool>) {
        self.0.set(own);
        if own == Some(true) {
            // Relaxed, as above.
            EVER.store(true, Ordering::Relaxed);
            follow_own_word();
        } else {
            crate::gate::wake_lingering();
        }
    }
}
