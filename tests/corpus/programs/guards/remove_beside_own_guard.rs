//! A thread removes a key while it still holds the guard of its lookup.
//!
//! Source: xacrimon/dashmap issue 225

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::Reentrant]);

pub(super) fn run() {
    let tickets: CheckedMap<u32, &str> = CheckedMap::named("tickets");
    tickets.insert(7, "used");
    let ticket = tickets.get(&7);
    if ticket.is_some_and(|ticket| *ticket == "used" && tickets.remove(&7).is_some()) {
        tickets.shrink_to_fit();
    }
}
