//! One collection's own word on whether it is hunted in.

use crate::config::{OwnWord, Setting};
use crate::sync::AtomicU32;

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
        if own != Some(true) {
            crate::gate::wake_lingering();
        }
    }
}
