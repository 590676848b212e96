//! How often what has happened: the run's second mistake, which no overlap shows.

use std::sync::LazyLock;

use checkedmap::CheckedMap;

use crate::sessions::ORDER;

/// The service's counters, by what they count.
static COUNTERS: LazyLock<CheckedMap<&'static str, u64>> = LazyLock::new(|| CheckedMap::named("counters"));

/// Adds one. Both accesses are made under the lock, and it is given back in between: of two threads that have read the same
/// count, one counts in vain. With `CHECKEDMAP_STALE=1` that is a suspect.
pub(crate) fn count(what: &'static str) {
    let so_far = {
        let _turn = ORDER.read();
        COUNTERS.get(&what).map_or(0, |count| *count)
    };
    let _turn = ORDER.write();
    COUNTERS.insert(what, so_far + 1);
}
