//! The maps, behind one trait.

use crate::keys::{Hasher, Key};

pub(crate) mod checked;
pub(crate) mod locks;
pub(crate) mod peers;
pub(crate) mod plain;

/// How many threads may use a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    Never,
    /// Any number, as long as nobody writes.
    Reads,
    Anything,
}

/// What a subject is, for the ratios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// What all others are compared with.
    Limit,
    /// Not to be shared between threads, or not Rust.
    Other,
    /// A sound way to share a map.
    Peer,
    Checked,
}

/// A map under test. Each method is the way the subject's own documentation suggests.
pub(crate) trait Subject<K: Key, S: Hasher>: Send + Sync + 'static {
    const NAME: &'static str;
    const ROLE: Role;
    const SHARING: Sharing = Sharing::Anything;
    /// Whether `look` is something else than `get`.
    const LENDS: bool = true;

    fn with_room(room: usize, hasher: S) -> Self;
    fn insert(&self, key: K, value: u64);
    /// A copy of the value.
    fn get(&self, key: &K) -> Option<u64>;
    /// The value, looked at where it is.
    fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool;
    /// Adds one, by the map's entry.
    fn update(&self, key: K);
    fn remove(&self, key: &K) -> Option<u64>;
    fn sum(&self) -> u64;
}
