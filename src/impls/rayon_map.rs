//! rayon's traits, where no guard has to change threads: making, filling and consuming a map.
//!
//! A shared map is walked in parallel through `map.read().par_iter()`: the one guard stays on the thread that asks, and
//! rayon's threads see plain references for as long as it lives.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use rayon::collections::hash_map::IntoIter;
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend};

use crate::map::CheckedMap;

impl<K: Send + Eq + Hash, V: Send, S: BuildHasher + Default + Send> FromParallelIterator<(K, V)>
    for CheckedMap<K, V, S>
{
    #[track_caller]
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(entries: I) -> Self {
        Self::from(HashMap::from_par_iter(entries))
    }
}

/// Makes no access: the borrow is exclusive.
impl<K: Send + Eq + Hash, V: Send, S: BuildHasher + Send> ParallelExtend<(K, V)> for CheckedMap<K, V, S> {
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.inner_mut().par_extend(entries);
    }
}

/// Makes no access: the map is consumed.
impl<K: Send + Eq + Hash, V: Send, S: BuildHasher> IntoParallelIterator for CheckedMap<K, V, S> {
    type Item = (K, V);
    type Iter = IntoIter<K, V>;

    fn into_par_iter(self) -> IntoIter<K, V> {
        self.into_inner().into_par_iter()
    }
}
