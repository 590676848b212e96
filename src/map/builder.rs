//! [`Builder`]: everything that is settled before a map is made.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::RandomState;
use std::marker::PhantomData;

use crate::access::Site;
use crate::map::CheckedMap;
use crate::policy::Mode;

/// Makes a [`CheckedMap`]: got from [`CheckedMap::builder`].
///
/// ```
/// use checkedmap::{CheckedMap, Mode};
///
/// let orders = CheckedMap::<u64, String>::builder().name("orders").capacity(1_000).mode(Mode::Fallback).build();
/// assert_eq!(orders.name(), Some("orders"));
/// assert_eq!(orders.mode(), Mode::Fallback);
/// assert!(orders.capacity() >= 1_000);
/// ```
#[must_use = "a builder makes nothing until `build` is called"]
pub struct Builder<K, V, S = RandomState> {
    name: Option<Cow<'static, str>>,
    capacity: usize,
    mode: Option<Mode>,
    stale_checks: Option<bool>,
    hunt: Option<bool>,
    hasher: S,
    makes: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Builder<K, V> {
    pub(super) fn new() -> Self {
        let (name, mode, stale_checks, hunt) = (None, None, None, None);
        Self { name, capacity: 0, mode, stale_checks, hunt, hasher: RandomState::new(), makes: PhantomData }
    }
}

impl<K, V, S> Builder<K, V, S> {
    /// What reports, telemetry and `CHECKEDMAP_MODE` call the map. By default it goes by the place it is made at.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Room for so many entries. By default none is reserved.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// The map's own mode, which beats `CHECKEDMAP_MODE`. By default the map follows the process's configuration.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Whether the map is watched for stale checks, which beats `CHECKEDMAP_STALE`. By default the map follows the process's
    /// configuration. See [`docs::stale`](crate::docs::stale).
    pub fn stale_checks(mut self, on: bool) -> Self {
        self.stale_checks = Some(on);
        self
    }

    /// Whether the map is hunted in, which beats `CHECKEDMAP_HUNT`. By default the map follows the process's
    /// configuration. See [`docs::hunt`](crate::docs::hunt).
    pub fn hunt(mut self, hunt: bool) -> Self {
        self.hunt = Some(hunt);
        self
    }

    /// What hashes the keys. By default std's [`RandomState`].
    pub fn hasher<T>(self, hasher: T) -> Builder<K, V, T> {
        let Self { name, capacity, mode, stale_checks, hunt, hasher: _, makes } = self;
        Builder { name, capacity, mode, stale_checks, hunt, hasher, makes }
    }

    /// The map; reports call this the place it is made at.
    #[track_caller]
    pub fn build(self) -> CheckedMap<K, V, S> {
        let inner = HashMap::with_capacity_and_hasher(self.capacity, self.hasher);
        let mut map = CheckedMap::around(inner, Site::caller());
        if let Some(name) = self.name {
            map.cell.checkpoint_mut().set_name(name);
        }
        map.set_mode(self.mode);
        map.set_stale_checks(self.stale_checks);
        map.set_hunt(self.hunt);
        map
    }
}

impl<K, V, S> fmt::Debug for Builder<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.name)
            .field("capacity", &self.capacity)
            .field("mode", &self.mode)
            .field("stale_checks", &self.stale_checks)
            .field("hunt", &self.hunt)
            .finish_non_exhaustive()
    }
}
