//! Many accesses in every regime at once.

use std::cell::UnsafeCell;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::thread::{REGISTRY, Thread, unsigned};
use crate::access::Operation;
use crate::gate::{Gate, Manner, Regime, Wait, Word};
use crate::ledger::Phase;

/// Threads that enter, wait, degrade and recover as they like: a count that only a real write section keeps.
#[test]
fn a_storm_keeps_the_count() {
    struct Shared {
        gate: Gate,
        value: UnsafeCell<[u64; 4]>,
    }
    // SAFETY: the value is touched under the gate only; that this suffices is what the test asks.
    unsafe impl Sync for Shared {}

    const THREADS: u64 = 4;
    const ROUNDS: u64 = if cfg!(miri) { 20 } else { 3_000 };
    let shared = Shared { gate: Gate::new(), value: UnsafeCell::new([0; 4]) };
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for seed in 0..THREADS {
            let (shared, start) = (&shared, &start);
            scope.spawn(move || {
                let me = Thread::new();
                start.wait();
                for round in 0..ROUNDS {
                    let dice = (round * 7 + seed * 13) % 11;
                    let operation = if dice < 6 { Operation::Insert } else { Operation::Get };
                    let open = me.open(&shared.gate, operation);
                    let hold = match shared.gate.try_enter(&REGISTRY, open, operation.kind(), Manner::Patient, unsigned)
                    {
                        Ok(hold) => hold,
                        Err(_) => {
                            open.set_phase(Phase::Waiting);
                            loop {
                                let deadline = Instant::now() + Duration::from_secs(60);
                                if let Wait::Admitted(hold) = shared.gate.wait(
                                    &REGISTRY,
                                    open,
                                    operation.kind(),
                                    Manner::Patient,
                                    deadline,
                                    unsigned,
                                ) {
                                    break hold;
                                }
                            }
                        }
                    };
                    if operation == Operation::Insert {
                        // SAFETY: inside as a writer.
                        let value = unsafe { &mut *shared.value.get() };
                        value.iter_mut().for_each(|part| *part += 1);
                    } else {
                        // SAFETY: inside as a reader.
                        let value = unsafe { &*shared.value.get() };
                        assert!(value.iter().all(|part| *part == value[0]), "a torn read");
                    }
                    Thread::leave(&shared.gate, (open, hold));
                    match dice {
                        0 => _ = shared.gate.degrade(&REGISTRY),
                        10 => _ = shared.gate.try_recover(),
                        _ => {}
                    }
                }
            });
        }
    });
    let writes = (0..THREADS).flat_map(|seed| (0..ROUNDS).map(move |round| (round * 7 + seed * 13) % 11));
    let writes = writes.filter(|dice| *dice < 6).count() as u64;
    assert_eq!(shared.value.into_inner(), [writes; 4]);
    while !shared.gate.try_recover() && shared.gate.regime() == Regime::Degraded {}
    assert_eq!(shared.gate.load().calm(), Word(Word::FREE));
}
