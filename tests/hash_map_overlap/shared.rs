//! A map that the compiler no longer keeps to one owner.

use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;

use checkedmap::Mode;
use checkedmap::hash_map::HashMap;

use crate::user_code::{Key, Value};

pub(crate) type Map = HashMap<Key, Value>;

/// What the programs under test have in common: a map whose owner is no longer the compiler's business.
pub(crate) struct Shared(UnsafeCell<ManuallyDrop<Map>>);

// SAFETY: none; that is the mistake the map is there to catch.
unsafe impl Sync for Shared {}

impl Shared {
    pub(crate) fn new(mode: Mode) -> Self {
        let map: Map = (0..4).map(|id| (Key(id), Value(id))).collect();
        map.set_mode(mode);
        Self::of(map)
    }

    pub(crate) fn of(map: Map) -> Self {
        Self(UnsafeCell::new(ManuallyDrop::new(map)))
    }

    #[allow(clippy::mut_from_ref)]
    pub(crate) fn map(&self) -> &mut Map {
        // SAFETY: the pointer is valid; that it is the only one is what the callers break on purpose.
        unsafe { &mut *self.0.get() }
    }

    pub(crate) fn drop_map(&self) {
        // SAFETY: as in `map`.
        let map = unsafe { &mut *self.0.get() };
        // SAFETY: nobody uses the map afterwards.
        unsafe { ManuallyDrop::drop(map) }
    }
}

/// Looks at every entry in the ways there are, which must agree.
pub(crate) fn is_whole(shared: &Shared) {
    let map = shared.map();
    let mut ids: Vec<_> = map.iter().map(|(key, value)| (key.0, value.0)).collect();
    assert_eq!(ids.len(), map.len());
    ids.sort_unstable();
    ids.dedup_by_key(|(key, _)| *key);
    assert_eq!(ids.len(), map.len(), "a key is there twice");
    assert!(ids.iter().all(|(key, value)| key == value && map[&Key(*key)].0 == *value));
}
