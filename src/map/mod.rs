//! [`CheckedMap`]: a hash map that threads share, each access checked; its guards, entries and iterators.
//!
//! The map is a [`CheckedCell`] around std's `HashMap`. A method enters the cell, asks std, and hands out a guard where std
//! hands out a reference; the guard holds the permit. No reference that a caller can keep is ever made without one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::RandomState;

use crate::access::Site;
use crate::cell::{CheckedCell, ReadGuard, WriteGuard};
use crate::conflict::Conflict;
use crate::policy::{Circuit, Mode};

mod attempt;
mod builder;
mod by_key;
mod change;
mod compare;
#[allow(unsafe_code)]
mod entry;
mod exclusive;
#[allow(unsafe_code)]
mod held;
#[allow(unsafe_code)]
mod iter;
mod lookup;
mod operators;
mod pair;
#[allow(unsafe_code)]
mod refs;
#[allow(unsafe_code)]
mod take;
mod traits;
#[allow(unsafe_code)]
mod walk;
mod watched;

pub use builder::Builder;
pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use iter::{Cloned, Iter, Keys, Values};
pub use pair::IntoPair;
pub use refs::{Ref, RefMut};
pub use std::collections::hash_map::{IntoIter, IntoKeys, IntoValues, IterMut, ValuesMut};
pub use take::{Drain, ExtractIf};
pub use walk::{Elements, Entries};

/// A hash map that threads share and that at most one writes at a time, checked.
///
/// It has the methods of [`std::collections::HashMap`], on `&self`. Reads may overlap with reads. A write that overlaps with
/// anything is a conflict, and the [`Mode`] decides what happens to the access that came second: by default it panics
/// with a report that names both sides, and the map stays usable.
///
/// ```
/// use std::sync::LazyLock;
/// use checkedmap::CheckedMap;
///
/// static SESSIONS: LazyLock<CheckedMap<u64, String>> = LazyLock::new(|| CheckedMap::named("sessions"));
///
/// SESSIONS.insert(7, String::from("ada"));
/// if let Some(user) = SESSIONS.get(&7) {
///     assert_eq!(user, "ada"); // `user` is a guard: the read ends with it
/// }
///
/// let reading = SESSIONS.get(&7);
/// std::thread::spawn(|| {
///     let conflict = SESSIONS.try_remove(&7).unwrap_err();
///     println!("{conflict}"); // read_write conflict on `sessions`: `remove` at ..., while `get` at ... is inside
/// })
/// .join()
/// .unwrap();
/// # drop(reading);
/// ```
///
/// # Guards instead of references
///
/// Another thread may call [`insert`](Self::insert) at any moment, so no plain reference into the map can be handed out
/// through `&self`. [`get`](Self::get) returns a [`Ref`], [`get_mut`](Self::get_mut) a [`RefMut`], and [`iter`](Self::iter)
/// pairs of `Ref`s; each keeps its access open until it is dropped. Dropping them soon is what keeps a program free of
/// conflicts.
///
/// A thread may nest reads. A write while the same thread holds a guard of the map is *re-entrant*: it could never get its
/// turn, so it panics in every mode, and the `try_` method returns it.
///
/// # No `map[key]`
///
/// There is no `Index`, which could only hand out a bare `&V`. `map.get(key).unwrap()` is a guard, and `map.read()[key]`
/// indexes the whole map, lent for the statement:
///
/// ```
/// let ports = checkedmap::CheckedMap::from([("http", 80), ("https", 443)]);
/// assert_eq!(ports.read()["https"], 443);
/// ```
///
/// # Through `&mut self`
///
/// An exclusive borrow proves that nobody else is inside. [`inner_mut`](Self::inner_mut), [`iter_mut`](Self::iter_mut),
/// [`values_mut`](Self::values_mut), `Extend`, [`into_keys`](Self::into_keys) and their like make no access, cost nothing,
/// and give plain references.
///
/// # Panics in your own code
///
/// `Hash`, `Eq`, `Drop` of keys and values, and closures given to a method run inside the access where the method needs
/// them there. A panic in one ends the access on its way out; the map is left as std's would be.
#[doc(alias = "HashMap")]
pub struct CheckedMap<K, V, S = RandomState> {
    cell: CheckedCell<HashMap<K, V, S>>,
}

impl<K, V> CheckedMap<K, V, RandomState> {
    /// An empty map without a name; reports call it by the place it is made at.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::around(HashMap::new(), Site::caller())
    }

    /// An empty map with room for `capacity` entries.
    #[must_use]
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::around(HashMap::with_capacity(capacity), Site::caller())
    }

    /// An empty map that reports, telemetry and `CHECKEDMAP_MODE` call by `name`.
    #[must_use]
    #[track_caller]
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self::builder().name(name).build()
    }

    /// Sets name, mode, capacity and hasher before the map is made.
    pub fn builder() -> Builder<K, V> {
        Builder::new()
    }
}

impl<K, V, S> CheckedMap<K, V, S> {
    /// An empty map that hashes with `hash_builder`. Being `const`, it makes a `static` without a lock around it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::hash::{BuildHasherDefault, DefaultHasher};
    /// use checkedmap::CheckedMap;
    ///
    /// static HITS: CheckedMap<&str, u32, BuildHasherDefault<DefaultHasher>> =
    ///     CheckedMap::with_hasher(BuildHasherDefault::new());
    ///
    /// *HITS.entry("/").or_insert(0) += 1;
    /// assert_eq!(HITS.get("/").unwrap(), 1);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn with_hasher(hash_builder: S) -> Self {
        Self::around(HashMap::with_hasher(hash_builder), Site::caller())
    }

    /// An empty map with room for `capacity` entries that hashes with `hash_builder`.
    #[must_use]
    #[track_caller]
    pub fn with_capacity_and_hasher(capacity: usize, hash_builder: S) -> Self {
        Self::around(HashMap::with_capacity_and_hasher(capacity, hash_builder), Site::caller())
    }

    /// [`read`](Self::read) by another name in reports.
    #[cfg(feature = "serde")]
    #[track_caller]
    pub(crate) fn lend_as(&self, operation: crate::access::Operation) -> ReadGuard<'_, HashMap<K, V, S>> {
        self.cell.read_as(operation)
    }

    const fn around(map: HashMap<K, V, S>, site: Site) -> Self {
        Self { cell: CheckedCell::made_as(map, std::any::type_name::<Self>, site) }
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.cell.name()
    }

    /// The mode in force for this map.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.cell.mode()
    }

    /// Sets this map's own mode; `None` lets it follow the process's configuration again. Holds for conflicts from now on.
    pub fn set_mode(&self, mode: impl Into<Option<Mode>>) {
        self.cell.set_mode(mode);
    }

    /// Whether this map is hunted in: see [`docs::hunt`](crate::docs::hunt).
    #[must_use]
    pub fn hunt(&self) -> bool {
        self.cell.hunt()
    }

    /// Sets whether this map is hunted in; `None` lets it follow the process's configuration again. Holds for accesses from
    /// now on. Where nothing was hunted so far, `true` reads the plan, if one is configured.
    ///
    /// ```
    /// let orders = checkedmap::CheckedMap::<u64, String>::named("orders");
    /// orders.set_hunt(true);
    /// assert!(orders.hunt());
    /// orders.set_hunt(None);
    /// assert!(!orders.hunt());
    /// ```
    pub fn set_hunt(&self, hunt: impl Into<Option<bool>>) {
        self.cell.set_hunt(hunt);
    }

    /// The state of the circuit breaker of [`Mode::Fallback`].
    #[must_use]
    pub fn circuit(&self) -> Circuit {
        self.cell.circuit()
    }

    /// How often the circuit breaker has opened.
    #[must_use]
    pub fn trips(&self) -> u32 {
        self.cell.trips()
    }

    /// Whether this map is watched for stale checks: see [`docs::stale`](crate::docs::stale).
    #[must_use]
    pub fn stale_checks(&self) -> bool {
        self.cell.checkpoint().stale_checks()
    }

    /// Sets whether this map is watched for stale checks; `None` lets it follow the process's configuration again. Holds for
    /// accesses from now on. What it has remembered is forgotten.
    ///
    /// ```
    /// let orders = checkedmap::CheckedMap::<u64, String>::named("orders");
    /// orders.set_stale_checks(true);
    /// assert!(orders.stale_checks());
    /// orders.set_stale_checks(None);
    /// assert!(!orders.stale_checks());
    /// ```
    pub fn set_stale_checks(&self, on: impl Into<Option<bool>>) {
        self.cell.checkpoint().set_stale_checks(on.into());
    }

    /// Lends the whole map for reading, with the whole of std's API for `&HashMap`, `map.read()[key]` included.
    ///
    /// # Conflicts
    ///
    /// A read, until the guard is dropped: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[doc(alias = "index")]
    #[inline]
    #[track_caller]
    pub fn read(&self) -> ReadGuard<'_, HashMap<K, V, S>> {
        self.cell.read()
    }

    /// Lends the whole map for writing, with the whole of std's API for `&mut HashMap`.
    ///
    /// Steps that belong together belong under one of these: between two calls on the map another thread may come in.
    ///
    /// # Conflicts
    ///
    /// A write, until the guard is dropped: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let accounts = checkedmap::CheckedMap::from([("ada", 10), ("bob", 0)]);
    /// {
    ///     let mut accounts = accounts.write();
    ///     *accounts.get_mut("ada").unwrap() -= 4;
    ///     *accounts.get_mut("bob").unwrap() += 4;
    /// }
    /// assert_eq!(accounts.get("bob").unwrap(), 4);
    /// ```
    #[inline]
    #[track_caller]
    pub fn write(&self) -> WriteGuard<'_, HashMap<K, V, S>> {
        self.cell.write()
    }

    /// Runs `look` on the whole map; one read for as long as it runs.
    ///
    /// # Conflicts
    ///
    /// As [`read`](Self::read).
    ///
    /// # Panics
    ///
    /// As [`read`](Self::read), and where `look` does.
    #[inline]
    #[track_caller]
    pub fn with<R>(&self, look: impl FnOnce(&HashMap<K, V, S>) -> R) -> R {
        look(&self.cell.read())
    }

    /// Runs `change` on the whole map; one write for as long as it runs.
    ///
    /// # Conflicts
    ///
    /// As [`write`](Self::write).
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write), and where `change` does.
    #[inline]
    #[track_caller]
    pub fn with_mut<R>(&self, change: impl FnOnce(&mut HashMap<K, V, S>) -> R) -> R {
        change(&mut self.cell.write())
    }

    /// [`read`](Self::read) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_read(&self) -> Result<ReadGuard<'_, HashMap<K, V, S>>, Conflict> {
        self.cell.try_read()
    }

    /// [`write`](Self::write) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_write(&self) -> Result<WriteGuard<'_, HashMap<K, V, S>>, Conflict> {
        self.cell.try_write()
    }

    /// [`with`](Self::with) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[track_caller]
    pub fn try_with<R>(&self, look: impl FnOnce(&HashMap<K, V, S>) -> R) -> Result<R, Conflict> {
        self.cell.try_read().map(|map| look(&map))
    }

    /// [`with_mut`](Self::with_mut) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[track_caller]
    pub fn try_with_mut<R>(&self, change: impl FnOnce(&mut HashMap<K, V, S>) -> R) -> Result<R, Conflict> {
        self.cell.try_write().map(|mut map| change(&mut map))
    }
}
