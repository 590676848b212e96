//! [`ExtractIf`]: the entries that a closure picks, taken out one by one.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use hashbrown::hash_table;

use super::body::Core;
use super::iter::Walk;
use crate::access::Access;

/// Entries by value, from [`HashMap::extract_if`](super::HashMap::extract_if).
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct ExtractIf<'a, K, V, F> {
    pred: F,
    buckets: hash_table::IterBuckets<'a, (K, V)>,
    /// `None` where there was nothing to walk.
    walk: Option<Walk<'a, K, V>>,
    lent: PhantomData<&'a mut (K, V)>,
}

// SAFETY: the iterator is the closure and the exclusive borrow of the entries.
unsafe impl<K: Send, V: Send, F: Send> Send for ExtractIf<'_, K, V, F> {}
// SAFETY: a shared iterator can only be asked how many entries are left.
unsafe impl<K: Sync, V: Sync, F: Sync> Sync for ExtractIf<'_, K, V, F> {}

impl<'a, K, V, F> ExtractIf<'a, K, V, F> {
    #[inline]
    #[track_caller]
    pub(super) fn new(core: Option<Core<'a, K, V>>, pred: F, access: Access) -> Self {
        let Some(core) = core else {
            return Self { pred, buckets: hash_table::IterBuckets::default(), walk: None, lent: PhantomData };
        };
        let writing = core.write(access);
        // SAFETY: the table's reference ends with this function, before the permit does, beside no other one. The bucket
        // iterator is advanced with a permit only, once it is sure that nobody else has written.
        let buckets = unsafe { writing.lend_shared() }.iter_buckets();
        Self { pred, buckets, walk: Some(Walk::new(writing.lease(), access)), lent: PhantomData }
    }
}

impl<K, V, F> Iterator for ExtractIf<'_, K, V, F>
where
    F: FnMut(&K, &mut V) -> bool,
{
    type Item = (K, V);

    #[inline]
    #[track_caller]
    fn next(&mut self) -> Option<(K, V)> {
        if self.buckets.len() == 0 {
            return None;
        }
        let mut table = self.walk.as_mut()?.write();
        // Taking an entry out changes its own bucket's mark only, which the iterator has passed by then.
        for bucket in self.buckets.by_ref() {
            let Ok(mut there) = table.get_bucket_entry(bucket) else {
                unreachable!("nobody else has written since the iterator was made, and an entry is gone");
            };
            let (key, value) = there.get_mut();
            if (self.pred)(key, value) {
                return Some(there.remove().0);
            }
        }
        None
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.buckets.len()))
    }
}

impl<K, V, F> FusedIterator for ExtractIf<'_, K, V, F> where F: FnMut(&K, &mut V) -> bool {}

impl<K: fmt::Debug, V: fmt::Debug, F> fmt::Debug for ExtractIf<'_, K, V, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractIf").finish_non_exhaustive()
    }
}
