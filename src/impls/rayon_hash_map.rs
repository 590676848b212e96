//! rayon's traits for the std-signature map, as rayon has them for std's.
//!
//! Entries are gathered by one access on the thread that asks; rayon's threads see references, or the entries themselves.

use std::hash::{BuildHasher, Hash};

use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelDrainFull, ParallelExtend, ParallelIterator};
use rayon::vec::IntoIter;

use crate::hash_map::HashMap;

/// By folding, which is one access, where collecting would be one for each entry.
#[track_caller]
fn gather<T: Send>(entries: impl ExactSizeIterator<Item = T>) -> IntoIter<T> {
    let mut gathered = Vec::with_capacity(entries.len());
    entries.for_each(|entry| gathered.push(entry));
    gathered.into_par_iter()
}

/// One write.
impl<K: Send, V: Send, S> IntoParallelIterator for HashMap<K, V, S> {
    type Item = (K, V);
    type Iter = IntoIter<(K, V)>;

    #[track_caller]
    fn into_par_iter(self) -> Self::Iter {
        gather(self.into_iter())
    }
}

/// One read.
impl<'a, K: Sync, V: Sync, S> IntoParallelIterator for &'a HashMap<K, V, S> {
    type Item = (&'a K, &'a V);
    type Iter = IntoIter<(&'a K, &'a V)>;

    #[track_caller]
    fn into_par_iter(self) -> Self::Iter {
        gather(self.iter())
    }
}

/// One write.
impl<'a, K: Sync, V: Send, S> IntoParallelIterator for &'a mut HashMap<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type Iter = IntoIter<(&'a K, &'a mut V)>;

    #[track_caller]
    fn into_par_iter(self) -> Self::Iter {
        gather(self.iter_mut())
    }
}

/// One write, and one more that gives the allocation back.
impl<K: Send, V: Send, S> ParallelDrainFull for &mut HashMap<K, V, S> {
    type Iter = IntoIter<(K, V)>;
    type Item = (K, V);

    #[track_caller]
    fn par_drain(self) -> Self::Iter {
        gather(self.drain())
    }
}

/// The entries are made in parallel, and inserted by the thread that asks.
impl<K, V, S> ParallelExtend<(K, V)> for HashMap<K, V, S>
where
    K: Eq + Hash + Send,
    V: Send,
    S: BuildHasher + Send,
{
    #[track_caller]
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.extend(entries.into_par_iter().collect::<Vec<_>>());
    }
}

/// The entries are made in parallel, and inserted by the thread that asks.
impl<'a, K, V, S> ParallelExtend<(&'a K, &'a V)> for HashMap<K, V, S>
where
    K: Copy + Eq + Hash + Send + Sync + 'a,
    V: Copy + Send + Sync + 'a,
    S: BuildHasher + Send,
{
    #[track_caller]
    fn par_extend<I: IntoParallelIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.extend(entries.into_par_iter().collect::<Vec<_>>());
    }
}

impl<K, V, S> FromParallelIterator<(K, V)> for HashMap<K, V, S>
where
    K: Eq + Hash + Send,
    V: Send,
    S: BuildHasher + Default + Send,
{
    #[track_caller]
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.par_extend(entries);
        map
    }
}
