//! A cell that is handed over in bursts, so that its gate keeps changing its regime: owned, revoked, counted, shared-read,
//! revoked again.
//!
//! The two parts of the value are equal unless two accesses were inside at once. That is what happens where the fence between
//! "publish the access" and "look at the gate" does not hold, on either side. For the processor to show it, stores to lines that
//! the other thread has just written go ahead of each access: its publication queues behind them while it looks at the gate.
//!
//! Nobody waits for a turn. An access that was let in and then forgotten, or counted twice, would otherwise leave the others
//! waiting for ever; here it is found when the cell is free and refuses.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use checkedmap::{CheckedCell, Mode};

use crate::dice::Dice;
use crate::rendezvous::{Party, Rendezvous};

/// Each round has a cell of its own, since a gate that was disturbed a few times asks for longer streaks.
const ROUNDS: usize = if cfg!(debug_assertions) { 2_000 } else { 20_000 };
/// Ends the first streak a gate asks for, and the second.
const SETTLING: u64 = 80;
const BURST: u64 = 60;
/// Spins in the middle of a long write: as long as a revocation takes.
const LINGER: u64 = 40;
/// Slow stores ahead of an access.
const LINES: usize = 6;

#[derive(Default)]
struct Parts {
    left: u64,
    right: u64,
}

impl Parts {
    /// With time for another access in between.
    fn add_one(&mut self, spins: u64) {
        let parts = black_box(self);
        parts.left += 1;
        (0..spins).for_each(|_| std::hint::spin_loop());
        let parts = black_box(parts);
        parts.right += 1;
    }

    /// The parts one after the other, with time for a writer in between.
    fn is_whole(&self) -> bool {
        let left = black_box(self).left;
        left == black_box(self).right
    }
}

#[derive(Default)]
#[repr(align(128))]
struct Line(AtomicU64);

/// What all threads of a scene share.
struct Scene {
    cells: Vec<CheckedCell<Parts>>,
    lines: [Line; LINES],
    meeting: Rendezvous,
}

/// What one thread did and saw.
#[derive(Debug, Default)]
struct Tally {
    writes: u64,
    reads: u64,
    refused: u64,
    /// Accesses that saw another one at work.
    torn: u64,
    /// Cells that refused although nobody was inside.
    stuck: u64,
    first_fault: Option<usize>,
}

struct Actor<'a> {
    scene: &'a Scene,
    party: Party<'a>,
    dice: Dice,
    round: usize,
    tally: Tally,
}

impl Actor<'_> {
    fn cell(&self) -> &CheckedCell<Parts> {
        &self.scene.cells[self.round]
    }

    /// Fills the processor's store buffer with what takes long to store.
    fn delay_stores(&self) {
        for line in &self.scene.lines {
            // Relaxed: only its slowness is wanted.
            line.0.store(1, Ordering::Relaxed);
        }
    }

    fn see(&mut self, whole: bool) {
        if !whole {
            self.tally.torn += 1;
            self.tally.first_fault.get_or_insert(self.round);
        }
    }

    fn write(&mut self) {
        let spins = if self.dice.below(4) == 0 { LINGER } else { 0 };
        self.delay_stores();
        let seen = self.cell().try_write().map(|mut parts| {
            parts.add_one(spins);
            parts.is_whole()
        });
        match seen {
            Ok(whole) => {
                self.tally.writes += 1;
                self.see(whole);
            }
            Err(_) => self.tally.refused += 1,
        }
    }

    fn read(&mut self) {
        self.delay_stores();
        let seen = self.cell().try_read().map(|parts| parts.is_whole());
        match seen {
            Ok(whole) => {
                self.tally.reads += 1;
                self.see(whole);
            }
            Err(_) => self.tally.refused += 1,
        }
    }

    /// Comes at a time that the other thread's burst cannot foresee.
    fn dawdle(&mut self) {
        for _ in 0..self.dice.below(400) {
            std::hint::spin_loop();
        }
    }

    /// One thread makes the cell its own and keeps writing; the others come in once.
    fn disturb_an_owner(&mut self, owner: bool) {
        if owner {
            (0..SETTLING).for_each(|_| self.write());
        }
        self.party.meet();
        if owner {
            (0..BURST).for_each(|_| self.write());
        } else {
            self.dawdle();
            if self.dice.below(2) == 0 { self.write() } else { self.read() }
        }
        self.party.meet();
    }

    /// All read until reads are shared, and go on; one comes in and writes.
    fn disturb_readers(&mut self, writer: bool) {
        (0..SETTLING).for_each(|_| self.read());
        self.party.meet();
        if writer {
            self.dawdle();
            self.write();
        } else {
            (0..BURST).for_each(|_| self.read());
        }
        self.party.meet();
    }

    /// Everybody is outside, so whoever asks gets in.
    fn close(&mut self, umpire: bool) {
        if umpire {
            let whole = self.cell().try_write().map(|parts| parts.is_whole());
            if whole.is_err() {
                self.tally.stuck += 1;
                self.tally.first_fault.get_or_insert(self.round);
            }
            self.see(whole.unwrap_or(true));
        }
        self.party.meet();
    }

    fn act(mut self, number: usize) -> Tally {
        for round in 0..self.scene.cells.len() {
            self.round = round;
            let leads = round % self.scene.meeting.parties() == number;
            self.disturb_an_owner(leads);
            self.disturb_readers(leads);
            self.close(leads);
        }
        self.tally
    }
}

/// Bursts on fresh cells; the sum of what the threads did, and what the cells say was written.
fn play(threads: usize, rounds: usize) -> (Tally, u64) {
    let cell = || {
        let cell = CheckedCell::named("stress-regimes", Parts::default());
        cell.set_mode(Mode::Log);
        cell
    };
    let scene = Scene {
        cells: std::iter::repeat_with(cell).take(rounds).collect(),
        lines: Default::default(),
        meeting: Rendezvous::new(threads),
    };
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let actor = |number: usize| {
            let dice = Dice::new(number as u64 + 1);
            Actor { scene: &scene, party: scene.meeting.join(), dice, round: 0, tally: Tally::default() }
        };
        let threads: Vec<_> = (0..threads)
            .map(|number| (number, actor(number)))
            .map(|(n, actor)| scope.spawn(move || actor.act(n)))
            .collect();
        // Joined one by one: the end of a scope is an order that ThreadSanitizer does not see.
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sum = Tally::default();
    for tally in tallies {
        sum.writes += tally.writes;
        sum.reads += tally.reads;
        sum.refused += tally.refused;
        sum.torn += tally.torn;
        sum.stuck += tally.stuck;
        sum.first_fault = [sum.first_fault, tally.first_fault].into_iter().flatten().min();
    }
    let written = scene.cells.into_iter().map(|cell| cell.into_inner().left).sum();
    (sum, written)
}

fn assert_kept_apart((sum, written): (Tally, u64)) {
    assert_eq!((sum.torn, sum.stuck, sum.writes), (0, 0, written), "accesses overlapped or were forgotten: {sum:?}");
}

#[test]
fn two_threads_hand_a_cell_over() {
    assert_kept_apart(play(2, ROUNDS));
}

#[test]
fn more_threads_than_processors_hand_a_cell_over() {
    assert_kept_apart(play(4, ROUNDS / 10));
}
