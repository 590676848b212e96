//! What a map does with its entries as a whole: counting, walking, emptying.

use super::body::Body;
use super::drain::Drain;
use super::extract_if::ExtractIf;
use super::into_iter::{IntoIter, IntoKeys, IntoValues};
use super::iter::{Iter, IterMut, Keys, Values, ValuesMut};
use super::{HashMap, rehasher};
use std::collections::TryReserveError;
use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;

use crate::access::{Access, Operation};

impl<K, V, S> HashMap<K, V, S> {
    /// How many entries fit before the map has to grow.
    ///
    /// # Conflicts
    ///
    /// A read.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map: HashMap<i32, i32> = HashMap::with_capacity(100);
    /// assert!(map.capacity() >= 100);
    /// ```
    #[inline]
    #[track_caller]
    pub fn capacity(&self) -> usize {
        match self.core() {
            Some(core) => core.read(Access::here(Operation::Capacity)).capacity(),
            None => 0,
        }
    }

    /// How many entries there are.
    ///
    /// # Conflicts
    ///
    /// A read.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// assert_eq!(HashMap::from([(1, "a"), (2, "b")]).len(), 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn len(&self) -> usize {
        self.len_as(Access::here(Operation::Len))
    }

    /// Whether there are no entries.
    ///
    /// # Conflicts
    ///
    /// A read.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// assert!(HashMap::<u8, u8>::new().is_empty());
    /// ```
    #[inline]
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.len_as(Access::here(Operation::IsEmpty)) == 0
    }

    /// The hasher. It lies beside the gate, not behind it: this is no access.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{HashMap, RandomState};
    ///
    /// let map: HashMap<i32, i32> = HashMap::new();
    /// let _: &RandomState = map.hasher();
    /// ```
    #[inline]
    pub fn hasher(&self) -> &S {
        &self.hash_builder
    }

    /// Walks keys and values, in no particular order.
    ///
    /// # Conflicts
    ///
    /// A read, and so is each step.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map = HashMap::from([(1, 10), (2, 20)]);
    /// assert_eq!(map.iter().map(|(k, v)| k + v).sum::<i32>(), 33);
    /// ```
    #[inline]
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter::new(self.core(), Access::here(Operation::Iter))
    }

    /// Walks keys and values, lending the values for writing, in no particular order.
    ///
    /// # Conflicts
    ///
    /// A write, and so is each step.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([(1, 10), (2, 20)]);
    /// for (k, v) in map.iter_mut() {
    ///     *v += k;
    /// }
    /// assert_eq!(map[&2], 22);
    /// ```
    #[inline]
    #[track_caller]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut::new(self.core(), Access::here(Operation::IterMut))
    }

    /// Walks the keys, in no particular order.
    ///
    /// # Conflicts
    ///
    /// A read, and so is each step.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// assert_eq!(HashMap::from([(1, 'a'), (2, 'b')]).keys().max(), Some(&2));
    /// ```
    #[inline]
    #[track_caller]
    pub fn keys(&self) -> Keys<'_, K, V> {
        Keys::new(Iter::new(self.core(), Access::here(Operation::Keys)))
    }

    /// Walks the values, in no particular order.
    ///
    /// # Conflicts
    ///
    /// A read, and so is each step.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// assert_eq!(HashMap::from([(1, 'a'), (2, 'b')]).values().max(), Some(&'b'));
    /// ```
    #[inline]
    #[track_caller]
    pub fn values(&self) -> Values<'_, K, V> {
        Values::new(Iter::new(self.core(), Access::here(Operation::Values)))
    }

    /// Walks the values, lending them for writing, in no particular order.
    ///
    /// # Conflicts
    ///
    /// A write, and so is each step.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([(1, 10), (2, 20)]);
    /// map.values_mut().for_each(|v| *v *= 2);
    /// assert_eq!(map[&1], 20);
    /// ```
    #[inline]
    #[track_caller]
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        ValuesMut::new(IterMut::new(self.core(), Access::here(Operation::ValuesMut)))
    }

    /// The keys, by value, in no particular order.
    ///
    /// # Conflicts
    ///
    /// One write; the iterator owns what it walks.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// assert_eq!(HashMap::from([(1, 'a')]).into_keys().collect::<Vec<_>>(), [1]);
    /// ```
    #[inline]
    #[track_caller]
    pub fn into_keys(self) -> IntoKeys<K, V> {
        IntoKeys::new(self.into_iter())
    }

    /// The values, by value, in no particular order.
    ///
    /// # Conflicts
    ///
    /// One write; the iterator owns what it walks.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// assert_eq!(HashMap::from([(1, 'a')]).into_values().collect::<Vec<_>>(), ['a']);
    /// ```
    #[inline]
    #[track_caller]
    pub fn into_values(self) -> IntoValues<K, V> {
        IntoValues::new(self.into_iter())
    }

    /// Empties the map into an iterator, keeping the allocation. What the iterator has not yielded when it is dropped is
    /// dropped with it.
    ///
    /// # Conflicts
    ///
    /// A write, and so is the iterator's drop.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([(1, "a"), (2, "b")]);
    /// assert_eq!(map.drain().count(), 2);
    /// assert!(map.is_empty());
    /// ```
    #[inline]
    #[track_caller]
    pub fn drain(&mut self) -> Drain<'_, K, V> {
        Drain::new(self.core_or_init(), Access::here(Operation::Drain))
    }

    /// Removes and yields the entries that `pred` picks, as the iterator is advanced. What it has not come to stays.
    ///
    /// # Conflicts
    ///
    /// A write, and so is each step; `pred` runs inside it.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map: HashMap<i32, i32> = (0..8).map(|x| (x, x)).collect();
    /// let odd: HashMap<i32, i32> = map.extract_if(|k, _| k % 2 == 1).collect();
    /// assert_eq!((map.len(), odd.len()), (4, 4));
    /// ```
    #[inline]
    #[track_caller]
    pub fn extract_if<F>(&mut self, pred: F) -> ExtractIf<'_, K, V, F>
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        ExtractIf::new(self.core(), pred, Access::here(Operation::ExtractIf))
    }

    /// Keeps the entries that `f` approves, and drops the others.
    ///
    /// # Conflicts
    ///
    /// One write; `f` runs inside it.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map: HashMap<i32, i32> = (0..8).map(|x| (x, x * 10)).collect();
    /// map.retain(|&k, _| k % 2 == 0);
    /// assert_eq!(map.len(), 4);
    /// ```
    #[inline]
    #[track_caller]
    pub fn retain<F>(&mut self, mut f: F)
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        if let Some(core) = self.core() {
            core.write(Access::here(Operation::Retain)).retain(|(key, value)| f(key, value));
        }
    }

    /// Drops all entries, keeping the allocation.
    ///
    /// # Conflicts
    ///
    /// A write; the entries are dropped inside it.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([(1, "a")]);
    /// map.clear();
    /// assert!(map.is_empty());
    /// ```
    #[inline]
    #[track_caller]
    pub fn clear(&mut self) {
        if let Some(core) = self.core() {
            core.write(Access::here(Operation::Clear)).clear();
        }
    }

    /// Runs `look` on the entries inside one read.
    #[cfg(feature = "serde")]
    #[track_caller]
    pub(crate) fn look<R>(&self, access: Access, look: impl FnOnce(&HashTable<(K, V)>) -> R) -> R {
        match self.core() {
            Some(core) => look(&core.read(access)),
            None => look(&HashTable::new()),
        }
    }

    #[inline]
    #[track_caller]
    pub(super) fn len_as(&self, access: Access) -> usize {
        match self.core() {
            Some(core) => core.read(access).len(),
            None => 0,
        }
    }
}

impl<K, V, S> HashMap<K, V, S>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    /// Makes room for at least `additional` more entries.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Panics
    ///
    /// Where the capacity overflows; aborts where memory runs out.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map: HashMap<&str, i32> = HashMap::new();
    /// map.reserve(10);
    /// assert!(map.capacity() >= 10);
    /// ```
    #[inline]
    #[track_caller]
    pub fn reserve(&mut self, additional: usize) {
        self.reserve_as(additional, Access::here(Operation::Reserve));
    }

    #[inline]
    #[track_caller]
    pub(super) fn reserve_as(&mut self, additional: usize, access: Access) {
        if additional > 0 {
            self.core_or_init().write(access).reserve(additional, rehasher(&self.hash_builder));
        }
    }

    /// Makes room for at least `additional` more entries, or says why it cannot.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Errors
    ///
    /// Where the capacity overflows or memory runs out. The map is as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map: HashMap<&str, i64> = HashMap::new();
    /// assert!(map.try_reserve(10).is_ok());
    /// assert!(map.try_reserve(usize::MAX).is_err());
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let mut table = self.core_or_init().write(Access::here(Operation::TryReserve));
        table.try_reserve(additional, rehasher(&self.hash_builder)).map_err(as_std)
    }

    /// Drops as much spare capacity as possible.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map: HashMap<i32, i32> = HashMap::with_capacity(100);
    /// map.insert(1, 2);
    /// map.shrink_to_fit();
    /// assert!(map.capacity() < 100);
    /// ```
    #[inline]
    #[track_caller]
    pub fn shrink_to_fit(&mut self) {
        if let Some(core) = self.core() {
            core.write(Access::here(Operation::ShrinkToFit)).shrink_to_fit(rehasher(&self.hash_builder));
        }
    }

    /// Drops spare capacity down to `min_capacity`.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map: HashMap<i32, i32> = HashMap::with_capacity(100);
    /// map.shrink_to(10);
    /// assert!((10..100).contains(&map.capacity()));
    /// ```
    #[inline]
    #[track_caller]
    pub fn shrink_to(&mut self, min_capacity: usize) {
        if let Some(core) = self.core() {
            let mut table = core.write(Access::here(Operation::ShrinkTo));
            table.shrink_to(min_capacity, rehasher(&self.hash_builder));
        }
    }
}

impl<K, V, S> IntoIterator for HashMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    /// Keys and values, by value, in no particular order: one write.
    #[inline]
    #[track_caller]
    fn into_iter(self) -> IntoIter<K, V> {
        IntoIter::new(into_table(self.body, Access::here(Operation::IntoIter)))
    }
}

/// `body` is that of a map of `K` and `V`.
#[track_caller]
fn into_table<K, V>(body: Body, access: Access) -> HashTable<(K, V)> {
    // SAFETY: the body of a map was made for its K and V, up to variance in lifetimes.
    unsafe { body.into_table(access) }
}

/// The same failure as one of std's collections reports it, whose error type nobody else can make.
#[cold]
fn as_std(error: hashbrown::TryReserveError) -> TryReserveError {
    let refused = |bytes: usize| Vec::<u8>::new().try_reserve_exact(bytes).err();
    let largest = isize::MAX as usize;
    let error = match error {
        hashbrown::TryReserveError::CapacityOverflow => refused(usize::MAX),
        hashbrown::TryReserveError::AllocError { layout } => refused(layout.size()).or_else(|| refused(largest)),
    };
    error.or_else(|| refused(usize::MAX)).expect("a vector of usize::MAX bytes is always refused")
}
