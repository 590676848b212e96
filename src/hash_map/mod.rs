//! The map with std's signatures: a [`HashMap`] that replaces `std::collections::HashMap` by its `use` line.
//!
//! It is for code that shares a plain map through `unsafe` (a `static mut`, an `UnsafeCell`, a pointer that C keeps, a wrong
//! `unsafe impl Sync`) and believes that its calls never overlap. Each call passes the map's gate. A call that overlaps with
//! another one, at least one of the two a write, is refused before the table is touched, and both sides are named.
//!
//! ```
//! use checkedmap::hash_map::HashMap;
//!
//! let mut ages = HashMap::new();
//! ages.insert("ada", 36);
//! *ages.entry("alan").or_insert(0) += 41;
//! assert_eq!(ages["ada"] + ages["alan"], 77);
//! ```
//!
//! All of `std::collections::hash_map` is here by its name, so that a glob import may change sides too. What came second is
//! dealt with as the [`Mode`] says: it panics, aborts, waits its turn, or the map degrades to a lock. Code that owns its map
//! as the compiler thinks it does never meets any of this.
//!
//! # Soundness
//!
//! This map is only as sound as the `unsafe` around it: two `&mut` of one map that are alive at once are undefined
//! behaviour by the letter of the language, whatever the map does. What it does is to keep that from mattering: gate and
//! table lie behind a pointer that the optimiser's assumptions about `&mut` do not reach, and in every mode entry is refused
//! before the table is touched, so the table stays whole. [`CheckedMap`](crate::CheckedMap) is the face that is sound
//! whatever its users do.
//!
//! # What it sees
//!
//! An access lasts as long as the call. References that a call returned (`&V`, `&mut V`) outlive it, and what is done
//! through them is not seen. Iterators and entries are borrows that span several calls: each of their calls is an access,
//! and it looks whether anybody has written since the one before. If so it panics, in every mode, since what the iterator
//! or entry points to may be gone: there is no turn to wait for.
//!
//! A map that has never held anything has no gate yet, and looking at it is no access. The hasher lies beside the gate: it is
//! used before the gate is entered.
//!
//! Reports name the caller of each method. Where std calls on the program's behalf there is no caller to name: `fmt` and
//! `drop` go by the place the map was made at, and a map that was collected by a place in std.
//!
//! # Differences from std
//!
//! | | std | here |
//! |---|---|---|
//! | a call | the work | the work, and entering and leaving the gate |
//! | a step of an iterator, a call on an entry | the work | the same |
//! | the first access that stores something | – | allocates gate and table header, once |
//! | `into_iter` | – | one small allocation |
//! | a `const` map | may stand behind a `&'static` in another `const` | may not: it has interior mutability |
//! | allocators, `try_insert`, other unstable parts | nightly | absent |
//! | inherent extras | – | [`named`](HashMap::named), [`name`](HashMap::name), [`mode`](HashMap::mode), [`set_mode`](HashMap::set_mode), [`hunt`](HashMap::hunt), [`set_hunt`](HashMap::set_hunt), [`circuit`](HashMap::circuit), [`trips`](HashMap::trips), [`stale_checks`](HashMap::stale_checks), [`set_stale_checks`](HashMap::set_stale_checks) |

mod body;
#[cfg(doctest)]
mod compile_fail;
mod contents;
mod drain;
mod entry;
mod extract_if;
mod into_iter;
mod iter;
mod lookup;
mod traits;
mod watched;

use std::borrow::Cow;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

pub use std::collections::hash_map::{DefaultHasher, RandomState};

use hashbrown::HashTable;

pub use self::drain::Drain;
pub use self::entry::{Entry, OccupiedEntry, VacantEntry};
pub use self::extract_if::ExtractIf;
pub use self::into_iter::{IntoIter, IntoKeys, IntoValues};
pub use self::iter::{Iter, IterMut, Keys, Values, ValuesMut};

use self::body::{Body, Core};
use crate::access::Site;
use crate::checkpoint::Checkpoint;
use crate::config;
use crate::policy::{Circuit, Mode};

/// A hash map with the signatures of `std::collections::HashMap`, whose calls are checked for overlap.
///
/// The [module's page](self) says what is checked and what differs from std.
///
/// # Conflicts
///
/// A method that takes `&self` reads, one that takes `&mut self` or `self` writes, and dropping the map is a write. Reads may
/// overlap with reads. In safe code nothing ever collides.
///
/// # Panics
///
/// Each method, besides what it says itself: on a conflict in [`Mode::Panic`]; in every mode where this thread is inside the
/// map already (from a closure, or from a key's `Eq`), or where waiting would close a circle. The map stays usable. A drop
/// that panics leaks what the map holds; one that had to wait leaks its gate.
///
/// # Examples
///
/// ```
/// use checkedmap::hash_map::HashMap;
///
/// let mut stock: HashMap<&str, u32> = HashMap::from([("apple", 3), ("pear", 5)]);
/// if let Some(apples) = stock.get_mut("apple") {
///     *apples += 1;
/// }
/// assert_eq!(stock.remove("apple"), Some(4));
/// assert_eq!(stock.len(), 1);
/// ```
pub struct HashMap<K, V, S = RandomState> {
    hash_builder: S,
    body: Body,
    /// What the body owns, for the compiler's judgement of variance, of drop order, and of auto traits.
    marker: PhantomData<(K, V)>,
}

impl<K, V> HashMap<K, V, RandomState> {
    /// An empty map. It allocates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map: HashMap<&str, i32> = HashMap::new();
    /// assert_eq!(map.capacity(), 0);
    /// ```
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::with_hasher(RandomState::new())
    }

    /// An empty map with room for at least `capacity` entries.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map: HashMap<&str, i32> = HashMap::with_capacity(10);
    /// assert!(map.capacity() >= 10);
    /// ```
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, RandomState::new())
    }

    /// An empty map that reports, telemetry and `CHECKEDMAP_MODE` call by `name`. Without one, reports call a map by the
    /// place it is made at.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map: HashMap<u64, String> = HashMap::named("sessions");
    /// assert_eq!(map.name(), Some("sessions"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self::named_with_hasher(name, RandomState::new())
    }
}

impl<K, V, S> HashMap<K, V, S> {
    /// An empty map that hashes by `hash_builder`. It allocates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::hash::{BuildHasherDefault, DefaultHasher};
    /// use checkedmap::hash_map::HashMap;
    ///
    /// type Fixed = BuildHasherDefault<DefaultHasher>;
    /// static EMPTY: HashMap<u32, u32, Fixed> = HashMap::with_hasher(Fixed::new());
    /// assert!(EMPTY.is_empty());
    /// ```
    #[inline]
    #[track_caller]
    pub const fn with_hasher(hash_builder: S) -> Self {
        Self { hash_builder, body: Body::new::<K, V>(Site::caller()), marker: PhantomData }
    }

    /// An empty map that hashes by `hasher`, with room for at least `capacity` entries.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{HashMap, RandomState};
    ///
    /// let map: HashMap<u8, u8> = HashMap::with_capacity_and_hasher(10, RandomState::new());
    /// assert!(map.capacity() >= 10);
    /// ```
    #[inline]
    #[track_caller]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        if capacity == 0 {
            return Self::with_hasher(hasher);
        }
        Self::with_table(HashTable::with_capacity(capacity), hasher)
    }

    /// [`named`](HashMap::named) for a map that hashes by `hash_builder`.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{HashMap, RandomState};
    ///
    /// let map: HashMap<u64, String> = HashMap::named_with_hasher("sessions", RandomState::new());
    /// assert_eq!(map.name(), Some("sessions"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn named_with_hasher(name: impl Into<Cow<'static, str>>, hash_builder: S) -> Self {
        let mut checkpoint = Checkpoint::new(std::any::type_name::<Self>, Site::caller());
        checkpoint.set_name(name.into());
        let body = Body::with_table::<K, V>(checkpoint, HashTable::new(), Site::caller());
        Self { hash_builder, body, marker: PhantomData }
    }

    #[track_caller]
    fn with_table(table: HashTable<(K, V)>, hash_builder: S) -> Self {
        let checkpoint = Checkpoint::new(std::any::type_name::<Self>, Site::caller());
        Self { hash_builder, body: Body::with_table(checkpoint, table, Site::caller()), marker: PhantomData }
    }

    /// The name it was given.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// assert_eq!(HashMap::<u8, u8>::new().name(), None);
    /// ```
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.core()?.head().checkpoint().name()
    }

    /// The mode in force for this map.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::{Mode, hash_map::HashMap};
    ///
    /// let map: HashMap<u8, u8> = HashMap::new();
    /// map.set_mode(Mode::Log);
    /// assert_eq!(map.mode(), Mode::Log);
    /// ```
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.core().map_or_else(|| config::mode_for(None), |core| core.head().checkpoint().mode())
    }

    /// Sets this map's own mode; `None` lets it follow `CHECKEDMAP_MODE` and `checkedmap::set_mode` again. Holds for
    /// conflicts from then on.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::{Mode, hash_map::HashMap};
    ///
    /// let map: HashMap<u8, u8> = HashMap::new();
    /// map.set_mode(Mode::Log);
    /// map.set_mode(None);
    /// ```
    pub fn set_mode(&self, mode: impl Into<Option<Mode>>) {
        self.core_or_init().head().checkpoint().set_mode(mode.into());
    }

    /// Whether this map is hunted in: see [`docs::hunt`](crate::docs::hunt).
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map: HashMap<u8, u8> = HashMap::new();
    /// assert!(!map.hunt());
    /// map.set_hunt(true);
    /// assert!(map.hunt());
    /// ```
    #[must_use]
    pub fn hunt(&self) -> bool {
        self.core().map_or_else(|| config::hunts_in(None), |core| core.head().checkpoint().hunt())
    }

    /// Sets whether this map is hunted in; `None` lets it follow the process's configuration again. Holds for accesses from
    /// now on. Where nothing was hunted so far, `true` reads the plan, if one is configured.
    pub fn set_hunt(&self, hunt: impl Into<Option<bool>>) {
        self.core_or_init().head().checkpoint().set_hunt(hunt.into());
    }

    /// The state of the circuit breaker of [`Mode::Fallback`].
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::{Circuit, hash_map::HashMap};
    ///
    /// let map: HashMap<u8, u8> = HashMap::new();
    /// assert_eq!(map.circuit(), Circuit::Checked);
    /// ```
    #[must_use]
    pub fn circuit(&self) -> Circuit {
        self.core().map_or(Circuit::Checked, |core| core.head().checkpoint().circuit())
    }

    /// How often the circuit breaker has opened.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map: HashMap<u8, u8> = HashMap::new();
    /// assert_eq!(map.trips(), 0);
    /// ```
    #[must_use]
    pub fn trips(&self) -> u32 {
        self.core().map_or(0, |core| core.head().checkpoint().trips())
    }

    /// Whether this map is watched for stale checks: see [`docs::stale`](crate::docs::stale).
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map: HashMap<u8, u8> = HashMap::new();
    /// assert!(!map.stale_checks());
    /// map.set_stale_checks(true);
    /// assert!(map.stale_checks());
    /// ```
    #[must_use]
    pub fn stale_checks(&self) -> bool {
        self.core().map_or_else(|| config::stale_checks_for(None), |core| core.head().checkpoint().stale_checks())
    }

    /// Sets whether this map is watched for stale checks; `None` lets it follow the process's configuration again. Holds for
    /// accesses from now on. What it has remembered is forgotten.
    pub fn set_stale_checks(&self, on: impl Into<Option<bool>>) {
        self.core_or_init().head().checkpoint().set_stale_checks(on.into());
    }

    /// Gate and table, if there are any yet.
    #[inline]
    fn core(&self) -> Option<Core<'_, K, V>> {
        // SAFETY: the body of a map was made for its K and V; variance changes no more than lifetimes, and those cover the
        // borrow of the map.
        unsafe { self.body.core() }
    }

    /// [`HashMap::core`] for an access by key that finds nothing where there is no table: what it has found is remembered
    /// for stale checks, so where they are made a table is.
    #[inline]
    fn core_by_key(&self) -> Option<Core<'_, K, V>> {
        match self.core() {
            Some(core) => Some(core),
            None => self.core_if_watched(),
        }
    }

    #[cold]
    #[inline(never)]
    fn core_if_watched(&self) -> Option<Core<'_, K, V>> {
        config::stale_checks_for(None).then(|| self.core_or_init())
    }

    /// Gate and table, made if need be.
    #[inline]
    fn core_or_init(&self) -> Core<'_, K, V> {
        // SAFETY: as in `core`.
        unsafe { self.body.core_or_init(std::any::type_name::<Self>) }
    }
}

/// What a table asks when it grows.
#[inline]
fn rehasher<K: Hash, V, S: BuildHasher>(hash_builder: &S) -> impl Fn(&(K, V)) -> u64 + '_ {
    move |(key, _)| hash_builder.hash_one(key)
}
