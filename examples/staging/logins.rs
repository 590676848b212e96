//! How often each tenant's people have logged in: the run's second mistake, which no overlap shows.

use std::sync::LazyLock;

use checkedmap::CheckedMap;

use crate::sessions::ORDER;

/// Logins by tenant.
static LOGINS: LazyLock<CheckedMap<u64, u64>> = LazyLock::new(|| CheckedMap::named("logins"));

/// Counts a login. Both accesses are made under the lock, and it is given back in between: of two logins that have read the
/// same count, one is lost. With `CHECKEDMAP_STALE=1` that is a suspect.
pub(crate) fn count(tenant: u64) {
    let so_far = {
        let _turn = ORDER.read();
        LOGINS.get(&tenant).map_or(0, |logins| *logins)
    };
    let _turn = ORDER.write();
    LOGINS.insert(tenant, so_far + 1);
}
