//! <https://github.com/maxcountryman/tower-sessions/pull/41>: sessions in memory, loaded from a store when they are first asked
//! for. Two requests of one session find it absent; while one awaits the store, the other has loaded it, put it there and
//! changed it; then the first puts its own copy in that place.

use std::sync::Arc;

use checkedmap::CheckedMap;
use checkedmap::report::Effect;
use parking_lot::Mutex;

use crate::stage::{elsewhere, expect, expect_silence, map};

/// The data of one session, shared by the requests that have it loaded.
type Session = Arc<Mutex<Vec<&'static str>>>;
type Loaded = CheckedMap<u64, Session>;

fn by_two_calls(loaded: &Loaded, id: u64, await_store: impl FnOnce()) -> Session {
    if let Some(session) = loaded.get(&id) {
        return Arc::clone(&session);
    }
    await_store();
    let session = Session::default();
    loaded.insert(id, Arc::clone(&session));
    session
}

fn by_one_call(loaded: &Loaded, id: u64, await_store: impl FnOnce()) -> Session {
    if let Some(session) = loaded.get(&id) {
        return Arc::clone(&session);
    }
    await_store();
    Arc::clone(&loaded.entry(id).or_default())
}

fn request(load: impl FnOnce() -> Session, item: &'static str) {
    load().lock().push(item);
}

#[test]
fn a_session_loaded_twice_is_a_suspect() {
    let loaded = map("tower-sessions");
    let meanwhile = || elsewhere(|| request(|| by_two_calls(&loaded, 7, || ()), "theirs"));
    request(|| by_two_calls(&loaded, 7, meanwhile), "ours");
    assert_eq!(*loaded.get(&7).unwrap().lock(), ["ours"], "the bug itself");
    expect("tower-sessions", Effect::Overwritten, ["get", "insert", "insert"]);
}

#[test]
fn with_entry_it_is_silent() {
    let loaded = map("tower-sessions fixed");
    let meanwhile = || elsewhere(|| request(|| by_one_call(&loaded, 7, || ()), "theirs"));
    request(|| by_one_call(&loaded, 7, meanwhile), "ours");
    assert_eq!(*loaded.get(&7).unwrap().lock(), ["theirs", "ours"]);
    expect_silence("tower-sessions fixed");
}
