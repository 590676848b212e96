//! The slots beside a ledger's first, a few at a time.
//!
//! A chunk that has been added stays, since whoever looks through a ledger may be in it.

use super::{Ledger, Slot};
use crate::sync::{AtomicPtr, Ordering};

/// Slots of a chunk. The first chunk is in the ledger itself: more guards at once than it has room for are rare, and each
/// further chunk costs one allocation in the life of the process.
const SLOTS: usize = if cfg!(checkedmap_loom) { 1 } else { 7 };

/// A few slots, and the way to more.
pub(super) struct Chunk {
    pub(super) slots: [Slot; SLOTS],
    /// Null, or a leaked chunk. Written once by the owner.
    more: AtomicPtr<Chunk>,
}

impl Chunk {
    #[cfg(not(checkedmap_loom))]
    pub(super) const fn new() -> Self {
        Self { slots: [const { Slot::new() }; SLOTS], more: AtomicPtr::new(std::ptr::null_mut()) }
    }

    #[cfg(checkedmap_loom)]
    pub(super) fn new() -> Self {
        Self { slots: std::array::from_fn(|_| Slot::new()), more: AtomicPtr::new(std::ptr::null_mut()) }
    }

    pub(super) fn belongs_to(&self, ledger: &'static Ledger) {
        self.slots.iter().for_each(|slot| slot.set_home(ledger));
    }

    pub(super) fn more(&self) -> Option<&'static Chunk> {
        // Acquire: pairs with the Release in `grow`; the new chunk's slots are initialised.
        let more = self.more.load(Ordering::Acquire);
        // SAFETY: null, or a chunk that `grow` leaked.
        unsafe { more.as_ref() }
    }

    /// Adds a chunk. Only the ledger's thread calls this, on the last chunk.
    #[cold]
    pub(super) fn grow(&self, ledger: &'static Ledger) -> &'static Chunk {
        let chunk: &'static Chunk = Box::leak(Box::new(Chunk::new()));
        chunk.belongs_to(ledger);
        // Release: pairs with the Acquire in `more`.
        self.more.store(std::ptr::from_ref(chunk).cast_mut(), Ordering::Release);
        chunk
    }
}
