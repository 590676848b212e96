//! How often what has happened: the run's second mistake, which no overlap shows.

use std::sync::LazyLock;

use checkedmap::CheckedMap;

use crate::sessions::ORDER;

/// The service's counters, by what they count.
static COUNTERS: LazyLock<CheckedMap<&'static str, u64>> = LazyLock::new(|| CheckedMap::named("counters"));

/// Does something and counts it. Both accesses are made under the lock, and it is given back in between: of two threads that
/// have read the same count, one counts in vain. With `CHECKEDMAP_STALE=1` that is a suspect.
pub(crate) fn counted<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let so_far = {
        let _turn = ORDER.read();
        COUNTERS.get(&what).map_or(0, |count| *count)
    };
    let result = work();
    let _turn = ORDER.write();
    COUNTERS.insert(what, so_far + 1);
    result
}
