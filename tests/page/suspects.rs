//! Suspects by construction: a look, somebody else's write, and a write on the strength of the look.

use std::thread;

use checkedmap::CheckedMap;

type Sessions = CheckedMap<u64, u64>;

/// Three of one origin, and a hint on another map.
pub(crate) fn all() {
    let sessions = Sessions::named("sessions");
    for user in 1..=3 {
        log_in(&sessions, user);
    }
    let carts = Sessions::named("carts of \"EU\" & <others>");
    carts.insert(1, 1);
    add_to_cart(&carts, 1);
}

/// Runs it to its end on a thread of its own.
fn meanwhile(work: impl FnOnce() + Send) {
    let name = "meddler <2> 👩‍🚀".to_owned();
    thread::scope(|scope| thread::Builder::new().name(name).spawn_scoped(scope, work).expect("a thread").join())
        .expect("it does not panic");
}

fn log_in(sessions: &Sessions, user: u64) {
    if !sessions.contains_key(&user) {
        meanwhile(|| restore(sessions, user));
        sessions.insert(user, 2); // logged in
    }
}

fn restore(sessions: &Sessions, user: u64) {
    sessions.insert(user, 1); // restored
}

fn add_to_cart(carts: &Sessions, user: u64) {
    let so_far = carts.get(&user).map(|items| *items);
    meanwhile(|| restore(carts, user));
    if let Some(mut items) = carts.get_mut(&user) {
        *items = so_far.unwrap_or(0) + 1;
    }
}
