//! One pair of a plan, and its line.

use std::fmt::Write;

use super::pairs::{Key, Pair};
use super::place::Place;
use super::spot::Spot;
use crate::access::Operation;

/// One pair of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    /// The delay to begin with, in nanoseconds; `None` for a pair that has been reported.
    pub(super) delay: Option<u64>,
    pub(super) made: Place,
    pub(super) label: String,
    pub(super) spots: [Spot; 2],
}

impl Planned {
    pub(super) fn key(&self) -> Key {
        Key::new(self.made.key(), self.spots[0].key(), self.spots[1].key())
    }

    /// What of a pair is worth remembering.
    pub(super) fn of(pair: &Pair) -> Option<Self> {
        let delay = if pair.known { None } else { Some(pair.next_delay()?) };
        let Pair { made, label, spots, .. } = pair.clone();
        Some(Self { delay, made, label, spots })
    }

    pub(super) fn into_pair(self) -> Pair {
        let Self { made, label, mut spots, .. } = self;
        spots.sort_by_key(Spot::key);
        Pair::new(made, label, spots)
    }

    pub(super) fn line(&self) -> String {
        let (state, delay) = match self.delay {
            Some(delay) => ("candidate", delay),
            None => ("known", 0),
        };
        let mut line = format!("{state}\t{delay}\t{}\t{}", escape(&self.made.to_string()), escape(&self.label));
        for Spot { operation, place } in &self.spots {
            let _ = write!(line, "\t{operation}\t{}", escape(&place.to_string()));
        }
        line
    }

    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [state, delay, made, label, spots @ ..] = columns.as_slice() else {
            return Err("fewer columns than the 8 of a pair".to_owned());
        };
        let [operation, place, other_operation, other_place] = spots else {
            return Err(format!("{} columns where a pair has 8", columns.len()));
        };
        let delay = delay.parse().map_err(|_| format!("{delay:?} is no delay in nanoseconds"))?;
        let delay = match *state {
            "candidate" => Some(delay),
            "known" => None,
            _ => return Err(format!("{state:?} is no state; candidate and known are")),
        };
        Ok(Self {
            delay,
            made: parse_place(made)?,
            label: unescape(label),
            spots: [parse_spot(operation, place)?, parse_spot(other_operation, other_place)?],
        })
    }
}

fn parse_place(text: &str) -> Result<Place, String> {
    Place::parse(&unescape(text)).ok_or_else(|| format!("{text:?} is no place such as src/main.rs:7:9"))
}

fn parse_spot(operation: &str, place: &str) -> Result<Spot, String> {
    let operation = Operation::named(operation).ok_or_else(|| format!("{operation:?} is no operation"))?;
    Ok(Spot { operation, place: parse_place(place)? })
}

/// Names are the user's, and may contain what divides columns and lines.
pub(super) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

pub(super) fn unescape(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text.chars());
    while let Some(character) = rest.next() {
        plain.push(match character {
            '\\' => match rest.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            plain => plain,
        });
    }
    plain
}
