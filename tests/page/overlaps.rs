//! Overlaps by construction: one thread is inside while another calls.

use std::thread;

use checkedmap::{CheckedMap, Mode};

type Sessions = CheckedMap<u64, u64>;

/// A name that is markup, reads from right to left, and is long.
fn hostile() -> String {
    format!("</script><script>alert(1)</script> \"quoted\" 'single' \u{202e}مرحبا 👩‍🚀 {}", "very long ".repeat(30))
}

/// Each kind of conflict, in numbers that differ.
pub(crate) fn all() {
    let sessions = CheckedMap::named("sessions");
    expire_while_renewed(&sessions, 40);
    let orders = CheckedMap::named("orders");
    orders.insert(1, 1);
    for _ in 0..2 {
        claim(&orders, || beside(|| settle(&orders, || ())));
    }
    settle(&orders, || beside(|| claim(&orders, || ())));
    count_while_renewed(&sessions);
    walk_while_renewed(&sessions);
    read_again_inside(&sessions);
    expire_while_renewed(&CheckedMap::builder().name(hostile()).mode(Mode::Log).build(), 1);
}

/// Runs something on a thread of its own while the caller is inside.
fn beside(call: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("worker <1> 👩‍🚀".to_owned());
        thread.spawn_scoped(scope, call).expect("a thread").join().expect("no panic");
    });
}

#[inline(never)]
fn renew(sessions: &Sessions, user: u64) {
    let _ = sessions.try_insert(user, 1); // renewed
}

#[inline(never)]
fn expire(sessions: &Sessions, meanwhile: impl FnOnce()) {
    let open = sessions.write();
    meanwhile();
    drop(open);
}

/// Two writes.
pub(crate) fn expire_while_renewed(sessions: &Sessions, times: u64) {
    for user in 0..times {
        expire(sessions, || beside(|| renew(sessions, user)));
    }
}

#[inline(never)]
fn count(sessions: &Sessions, meanwhile: impl FnOnce()) {
    let open = sessions.read();
    meanwhile();
    drop(open);
}

/// A read, and a write.
pub(crate) fn count_while_renewed(sessions: &Sessions) {
    count(sessions, || beside(|| renew(sessions, 1)));
}

/// A write which lasts while `meanwhile` runs, if it is let in.
#[inline(never)]
fn claim(orders: &Sessions, meanwhile: impl FnOnce()) {
    if let Ok(order) = orders.try_entry(1) {
        meanwhile();
        drop(order);
    }
}

/// Another, so that either can be inside when the other comes.
#[inline(never)]
fn settle(orders: &Sessions, meanwhile: impl FnOnce()) {
    if let Ok(order) = orders.try_get_mut(&1) {
        meanwhile();
        drop(order);
    }
}

/// Two writes, the second of which ends the process in the mode `abort`.
pub(crate) fn abort() {
    let sessions = Sessions::named("sessions");
    let _open = sessions.write();
    beside(|| {
        sessions.insert(1, 1);
    });
}

/// A walk, and a write.
fn walk_while_renewed(sessions: &Sessions) {
    sessions.insert(1, 1);
    let mut walk = sessions.iter();
    walk.next();
    beside(|| renew(sessions, 2));
    drop(walk);
}

/// One thread on both sides.
fn read_again_inside(sessions: &Sessions) {
    let open = sessions.write();
    assert!(sessions.try_get(&1).is_err());
    drop(open);
}
