//! The sessions, and the lock that everybody is supposed to take first.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use checkedmap::CheckedMap;
use parking_lot::RwLock;

/// Who is logged in.
pub(crate) static SESSIONS: LazyLock<CheckedMap<u64, Session>> = LazyLock::new(|| CheckedMap::named("sessions"));

/// The rule of the house: whoever touches [`SESSIONS`] holds this lock, for writing if it writes. No compiler checks it.
pub(crate) static ORDER: RwLock<()> = RwLock::new(());

/// Sessions that the service takes over at its start.
const RESTORED: u32 = 100_000;

/// Companies whose people log in.
pub(crate) const TENANTS: u64 = 40;

/// How long a session lasts that is made while the service runs: short, so that a short run sees sessions end.
const LIFETIME: Duration = Duration::from_millis(800);

/// One person's session.
pub(crate) struct Session {
    pub(crate) user: String,
    pub(crate) tenant: u64,
    pub(crate) expires: Instant,
}

impl Session {
    pub(crate) fn new(user: String, lifetime: Duration) -> Self {
        let tenant = user.bytes().map(u64::from).sum::<u64>() % TENANTS;
        Self { user, tenant, expires: Instant::now() + lifetime }
    }
}

fn next_id() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // Relaxed: the numbers have to differ, and order nothing.
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// Opens a session, and returns its id.
pub(crate) fn open(user: String) -> u64 {
    let (id, session) = (next_id(), Session::new(user, LIFETIME));
    let _turn = ORDER.write();
    SESSIONS.insert(id, session);
    id
}

/// What `view` makes of a session, if there is one of this id.
pub(crate) fn look<T>(id: u64, view: impl FnOnce(&Session) -> T) -> Option<T> {
    let _turn = ORDER.read();
    SESSIONS.get(&id).map(|session| view(&session))
}

/// Takes over the sessions of the service's last run; they end one by one.
pub(crate) fn restore() {
    let restored = (0..RESTORED).map(|number| {
        let lifetime = Duration::from_secs(1) + Duration::from_millis(u64::from(number));
        (next_id(), Session::new(format!("restored-{number}"), lifetime))
    });
    SESSIONS.extend(restored);
}
