//! Mode and circuit of the map over time.

use std::time::{Duration, Instant};

use checkedmap::{Circuit, Mode};

use crate::sessions::SESSIONS;

/// What happened when.
pub(crate) struct Timeline {
    began: Instant,
    mode: Mode,
    circuit: Circuit,
    pub(crate) first: (Mode, Circuit),
    pub(crate) events: Vec<(Duration, String)>,
    /// Every state the circuit has been in, in order.
    pub(crate) circuits: Vec<Circuit>,
}

impl Timeline {
    pub(crate) fn start(began: Instant) -> Self {
        let (mode, circuit) = (SESSIONS.mode(), SESSIONS.circuit());
        Self { began, mode, circuit, first: (mode, circuit), events: Vec::new(), circuits: vec![circuit] }
    }

    pub(crate) fn circuit(&self) -> Circuit {
        self.circuit
    }

    /// Looks at the map, and tells what has changed.
    pub(crate) fn look(&mut self) {
        let (mode, circuit) = (SESSIONS.mode(), SESSIONS.circuit());
        if mode != self.mode {
            self.note(&format!("mode {} -> {mode}", self.mode));
            self.mode = mode;
        }
        if circuit != self.circuit {
            self.note(&format!("circuit {} -> {circuit}", self.circuit));
            self.circuit = circuit;
            self.circuits.push(circuit);
        }
    }

    /// Tells what has happened.
    pub(crate) fn note(&mut self, what: &str) {
        let at = self.began.elapsed();
        println!("{:>6.2} s  {what}", at.as_secs_f64());
        self.events.push((at, what.to_owned()));
    }
}
