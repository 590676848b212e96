//! Waits that close a circle.
//!
//! An edge goes from a thread that waits for a gate to each thread inside it whose access excludes the one that is waited
//! for. (A read may also wait behind a write that itself waits. That is no edge: it is the lock's choice, and where it
//! closes a circle the wait is reported as stuck.) Every thread publishes its wait and then
//! looks for a circle, one thread at a time, so the last edge of a circle is always added by a thread that sees the others.
//! The edges are read one after the other while threads run; a circle counts only if every access on it is still there, in
//! the same phase and with the same sequence, when all have been read, since then they were there together.

use crate::access::{AccessKind, exclude};
use crate::ledger::{Open, Phase, Registry, Sighting};
use crate::sync::Mutex;

/// Lets one thread at a time publish a wait and look around.
static LOOKING: Mutex<()> = Mutex::new(());

/// Marks `open` as waiting, unless that closes a circle: then the accesses on the circle are returned, beginning with one
/// inside the gate `open` asks for, and `open` does not count as waiting.
pub(crate) fn begin(registry: &Registry, gate: u64, kind: AccessKind, open: Open) -> Option<Vec<Sighting>> {
    // The child of a fork could not unlock it.
    let _held_back = crate::fork::hold_back();
    let _looking = LOOKING.lock();
    open.set_phase(Phase::Waiting);
    let circle = search(registry, gate, kind, open)?;
    open.set_phase(Phase::Asking);
    Some(circle)
}

fn search(registry: &Registry, gate: u64, kind: AccessKind, open: Open) -> Option<Vec<Sighting>> {
    let mut visited: Vec<u32> = Vec::new();
    let mut paths: Vec<(u64, AccessKind, Vec<Sighting>)> = vec![(gate, kind, Vec::new())];
    while let Some((gate, kind, path)) = paths.pop() {
        for holder in inside(registry, gate, open).filter(|holder| exclude(holder.entry.access.kind(), kind)) {
            if std::ptr::eq(holder.ledger, open.ledger()) {
                let circle: Vec<_> = path.iter().copied().chain([holder]).collect();
                if path.is_empty() || circle.iter().any(|seen| !is_unchanged(seen)) {
                    continue;
                }
                return Some(circle);
            }
            if visited.contains(&holder.ledger.number()) {
                continue;
            }
            let Some(wait) = waiting(&holder) else { continue };
            visited.push(holder.ledger.number());
            let longer = path.iter().copied().chain([holder, wait]).collect();
            paths.push((wait.entry.gate, wait.entry.access.kind(), longer));
        }
    }
    None
}

/// The accesses inside a gate. Of those that are inside by being published only the looking thread's own are known to be;
/// whoever waits for another's has it counted first, and then looks again.
fn inside(registry: &Registry, gate: u64, open: Open) -> impl Iterator<Item = Sighting> {
    registry.ledgers().flat_map(|ledger| ledger.entries()).filter(move |seen| {
        let own = std::ptr::eq(seen.ledger, open.ledger()) && seen.entry.sequence != open.sequence();
        let phase = seen.entry.phase;
        seen.entry.gate == gate && (phase.is_inside() || (own && phase.is_inside_for_its_thread()))
    })
}

fn waiting(holder: &Sighting) -> Option<Sighting> {
    holder.ledger.entries().find(|seen| seen.entry.phase == Phase::Waiting)
}

fn is_unchanged(seen: &Sighting) -> bool {
    seen.phase() == seen.entry.phase
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Access, Operation};
    use crate::ledger::Ledger;

    const G: u64 = 1;
    const H: u64 = 2;

    fn inside(ledger: &'static Ledger, gate: u64, operation: Operation) {
        ledger.open(gate, Access::here(operation)).set_phase(Phase::Counted);
    }

    fn asks(ledger: &'static Ledger, gate: u64, operation: Operation) -> Open {
        ledger.open(gate, Access::here(operation))
    }

    /// One thread is inside H and waits to read G; the other is inside G, by `in_g`, and asks for H.
    fn circle_of_two(in_g: Operation) -> Option<Vec<Sighting>> {
        let registry = Registry::new();
        let (first, second) = (registry.claim(1, None), registry.claim(2, None));
        inside(first, H, Operation::Insert);
        let waiting = asks(first, G, Operation::Get);
        assert!(begin(&registry, G, AccessKind::Read, waiting).is_none(), "nobody else waits yet");
        inside(second, G, in_g);
        begin(&registry, H, AccessKind::Write, asks(second, H, Operation::Insert))
    }

    #[test]
    fn a_circle_of_accesses_that_exclude_each_other_is_found() {
        let circle = circle_of_two(Operation::Insert).unwrap();
        let operations: Vec<_> = circle.iter().map(|seen| seen.entry.access.operation).collect();
        assert_eq!(operations, [Operation::Insert, Operation::Get, Operation::Insert]);
    }

    /// The reader waits for somebody who has left, and has not woken up yet.
    #[test]
    fn a_read_beside_a_read_closes_no_circle() {
        assert!(circle_of_two(Operation::Len).is_none());
    }

    #[test]
    fn a_circle_that_dissolves_while_it_is_read_is_none() {
        let registry = Registry::new();
        let (first, second) = (registry.claim(1, None), registry.claim(2, None));
        inside(first, H, Operation::Insert);
        let waiting = asks(first, G, Operation::Get);
        assert!(begin(&registry, G, AccessKind::Read, waiting).is_none());
        inside(second, G, Operation::Insert);
        waiting.set_phase(Phase::Counted);
        assert!(begin(&registry, H, AccessKind::Write, asks(second, H, Operation::Insert)).is_none());
    }
}
