//! Conflicts by pair of sites: a metric that has places in the source among its labels.
//!
//! Which two lines collide is the first question when a count rises, and traces answer it for one conflict at a time. A
//! place becomes a label only when it has been in a conflict, and only so often.

use std::collections::HashSet;

use checkedmap::report::Report;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use super::UNKNOWN;
use crate::names::label;
use crate::spans::label_of;

/// Pairs that have series of their own. A program with more of them has to read the traces first.
pub(super) const PAIRS: usize = 100;

/// Stands for the map and the sites of all pairs beyond [`PAIRS`].
pub(super) const OTHER: &str = "other";

/// Two sites, in the roles they had, on a map.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    map: String,
    kind: &'static str,
    holder: String,
    contender: String,
}

impl Pair {
    pub(super) fn of(report: &Report) -> Self {
        Self {
            map: label_of(&report.map),
            kind: report.kind.as_str(),
            holder: report.holder.as_ref().map_or_else(|| UNKNOWN.to_owned(), |holder| holder.site.to_string()),
            contender: report.contender.site.to_string(),
        }
    }

    fn other(kind: &'static str) -> Self {
        Self { map: OTHER.to_owned(), kind, holder: OTHER.to_owned(), contender: OTHER.to_owned() }
    }

    fn labels(&self) -> [KeyValue; 4] {
        [
            KeyValue::new(label::MAP, self.map.clone()),
            KeyValue::new(label::KIND, self.kind),
            KeyValue::new(label::HOLDER, self.holder.clone()),
            KeyValue::new(label::CONTENDER, self.contender.clone()),
        ]
    }
}

/// The counter, and the pairs that have series.
pub(super) struct Pairs {
    conflicts: Counter<u64>,
    born: HashSet<Pair>,
    /// Whether a series has been made that no reader may have collected yet.
    pub(super) unseen: bool,
}

impl Pairs {
    pub(super) fn new(conflicts: Counter<u64>) -> Self {
        Self { conflicts, born: HashSet::new(), unseen: false }
    }

    /// Makes the series of a pair, at zero, or that of all the others where there are too many; says which it is.
    pub(super) fn bear(&mut self, pair: Pair) -> Pair {
        if self.born.contains(&pair) {
            return pair;
        }
        let pair = if self.born.len() < PAIRS { pair } else { Pair::other(pair.kind) };
        if self.born.insert(pair.clone()) {
            self.conflicts.add(0, &pair.labels());
            self.unseen = true;
        }
        pair
    }

    /// Counts conflicts of a pair that has its series.
    pub(super) fn add(&self, pair: &Pair, count: u64) {
        self.conflicts.add(count, &pair.labels());
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::metrics::MeterProvider;
    use opentelemetry_sdk::metrics::SdkMeterProvider;

    use super::*;

    fn pair(line: usize) -> Pair {
        let site = |column| format!("src/login.rs:{line}:{column}");
        Pair { map: "sessions".to_owned(), kind: "write_write", holder: site(1), contender: site(2) }
    }

    #[test]
    fn pairs_beyond_the_limit_share_a_series() {
        let counter = SdkMeterProvider::builder().build().meter("test").u64_counter("conflicts").build();
        let mut pairs = Pairs::new(counter);
        for line in 0..PAIRS {
            assert_eq!(pairs.bear(pair(line)), pair(line));
        }
        assert!(std::mem::take(&mut pairs.unseen));
        assert_eq!(pairs.bear(pair(PAIRS)), Pair::other("write_write"));
        assert!(std::mem::take(&mut pairs.unseen), "theirs is a new series too");
        assert_eq!(pairs.bear(pair(PAIRS + 1)), Pair::other("write_write"));
        assert_eq!(pairs.bear(pair(7)), pair(7), "a pair that has its series keeps it");
        assert!(!pairs.unseen);
        assert_eq!(pairs.born.len(), PAIRS + 1);
    }
}
