//! Named maps: how many are alive, and the state of their circuits.

use std::collections::BTreeMap;
use std::sync::Arc;

use checkedmap::{Circuit, observe};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use parking_lot::Mutex;

use super::{NAMES, of_map};
use crate::names::{label, metric};

const STATES: [Circuit; 3] = [Circuit::Checked, Circuit::Degraded, Circuit::HalfOpen];

/// How many maps of a name there are, and in which state.
#[derive(Clone, Copy, Default)]
struct Tally {
    alive: i64,
    states: [i64; STATES.len()],
}

/// Every name seen, those without a map included.
fn tallies(seen: &Mutex<BTreeMap<String, Tally>>) -> BTreeMap<String, Tally> {
    let mut seen = seen.lock();
    for tally in seen.values_mut() {
        *tally = Tally::default();
    }
    for map in observe::maps() {
        if seen.len() >= NAMES && !seen.contains_key(&map.name) {
            continue;
        }
        let tally = seen.entry(map.name).or_default();
        tally.alive += 1;
        if let Some(state) = STATES.iter().position(|state| *state == map.circuit) {
            tally.states[state] += 1;
        }
    }
    seen.clone()
}

pub(super) fn observe_maps(meter: &Meter) {
    let seen = Arc::new(Mutex::new(BTreeMap::new()));
    let (for_alive, for_states) = (Arc::clone(&seen), seen);
    meter
        .i64_observable_up_down_counter(metric::MAPS_ALIVE)
        .with_unit("{map}")
        .with_description("Named maps alive")
        .with_callback(move |observer| {
            for (name, tally) in tallies(&for_alive) {
                observer.observe(tally.alive, &[of_map(&name)]);
            }
        })
        .build();
    meter
        .i64_observable_up_down_counter(metric::CIRCUIT)
        .with_unit("{map}")
        .with_description("Named maps by the state of their circuit breaker")
        .with_callback(move |observer| {
            for (name, tally) in tallies(&for_states) {
                for (state, count) in STATES.iter().zip(tally.states) {
                    observer.observe(count, &[of_map(&name), KeyValue::new(label::STATE, state.as_str())]);
                }
            }
        })
        .build();
}
