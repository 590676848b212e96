//! The settings of [stale checks](crate::docs::stale).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use super::LONGEST;
use super::parameters::{self, ParseParametersError};

/// What an error says is allowed.
pub(super) const ALLOWED: &str = "0, 1, or some of window=TIME (1us to 86400s), keys=NUMBER (8 to 1048576) and \
                                  maps=NAME+NAME, with commas between: window=250ms,maps=sessions+orders";

const WINDOWS: RangeInclusive<Duration> = Duration::from_micros(1)..=LONGEST;

const KEYS: RangeInclusive<usize> = 8..=1 << 20;

/// Which maps are watched for check-then-act over two calls, and how closely: for
/// [`Config::with_stale_checks`](crate::Config::with_stale_checks).
///
/// The page [`docs::stale`](crate::docs::stale) tells what is found. As text it is what `CHECKEDMAP_STALE` takes:
///
/// ```
/// use std::time::Duration;
/// use checkedmap::StaleChecks;
///
/// let checks: StaleChecks = "window=250ms,maps=sessions+orders".parse()?;
/// assert_eq!(checks, StaleChecks::new().with_window(Duration::from_millis(250)).with_maps(["sessions", "orders"]));
/// # Ok::<(), checkedmap::ParseParametersError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleChecks {
    window: Duration,
    keys: usize,
    /// Empty for all.
    maps: BTreeSet<String>,
}

impl Default for StaleChecks {
    fn default() -> Self {
        Self { window: Duration::from_secs(1), keys: 1024, maps: BTreeSet::new() }
    }
}

impl StaleChecks {
    /// A window of a second, 1024 keys per map, all maps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long a lookup counts, from 1 µs to a day; beyond is as the bound. A write that comes later rests on something
    /// else.
    #[must_use]
    pub fn with_window(mut self, window: Duration) -> Self {
        self.window = window.clamp(*WINDOWS.start(), *WINDOWS.end());
        self
    }

    /// Sets for how many keys a map remembers lookups and writes, from 8 to 1,048,576; beyond is as the bound. What that takes is
    /// on the page [`docs::stale`](crate::docs::stale).
    #[must_use]
    pub fn with_keys(mut self, keys: usize) -> Self {
        self.keys = keys.clamp(*KEYS.start(), *KEYS.end());
        self
    }

    /// Sets the names of the maps that are watched. None is a way to say all, those without a name included.
    #[must_use]
    pub fn with_maps(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.maps = names.into_iter().map(Into::into).collect();
        self
    }

    /// How long a lookup counts.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window
    }

    /// For how many keys a map remembers lookups and writes.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// The names of the maps that are watched; all are where there is none.
    pub fn maps(&self) -> impl Iterator<Item = &str> {
        self.maps.iter().map(String::as_str)
    }

    /// Whether maps of this name, or without one, are watched.
    #[must_use]
    pub fn covers(&self, name: Option<&str>) -> bool {
        self.maps.is_empty() || name.is_some_and(|name| self.maps.contains(name))
    }
}

impl FromStr for StaleChecks {
    type Err = ParseParametersError;

    /// Reads parameters such as `window=250ms,keys=4096`; what is not said has its default.
    fn from_str(text: &str) -> Result<Self, ParseParametersError> {
        let mut checks = Self::default();
        parameters::read(text, ALLOWED, |name, value| {
            Some(match name {
                "window" => parameters::time(value, &WINDOWS).map(|window| checks.window = window),
                "keys" => parameters::number(value, &KEYS).map(|keys| checks.keys = keys),
                "maps" => parameters::names(value).map(|maps| checks.maps = maps),
                _ => return None,
            })
        })?;
        Ok(checks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_values_are_taken() {
        let new = StaleChecks::new;
        let table = [
            ("window=86400s", new().with_window(LONGEST)),
            ("window=40us,keys=8", new().with_window(Duration::from_micros(40)).with_keys(8)),
            ("keys=1048576, maps = orders", new().with_keys(1 << 20).with_maps(["orders"])),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn bad_values_say_why() {
        let table = [
            ("window=0s", "\"window=0s\": not from 1µs to 86400s"),
            ("window=86401s", "\"window=86401s\": not from 1µs to 86400s"),
            ("keys=7", "\"keys=7\": not from 8 to 1048576"),
            ("keys=2000000", "\"keys=2000000\": not from 8 to 1048576"),
            ("keys=99999999999999999999", "\"keys=99999999999999999999\": not from 8 to 1048576"),
            ("keys=+9", "\"keys=+9\": not a whole number"),
            ("keys=", "\"keys=\": not a whole number"),
            ("delay=1ms", "\"delay=1ms\": not a parameter"),
        ];
        for (text, reason) in table {
            assert_eq!(text.parse::<StaleChecks>().expect_err(text).reason(), reason);
        }
    }

    #[test]
    fn what_is_beyond_a_bound_is_as_the_bound() {
        let low = StaleChecks::new().with_window(Duration::ZERO).with_keys(0);
        assert_eq!((low.window(), low.keys()), (Duration::from_micros(1), 8));
        let high = StaleChecks::new().with_window(Duration::MAX).with_keys(usize::MAX);
        assert_eq!((high.window(), high.keys()), (LONGEST, 1 << 20));
    }

    #[test]
    fn maps_are_covered_by_name() {
        assert!(StaleChecks::new().covers(None) && StaleChecks::new().covers(Some("orders")));
        let some = StaleChecks::new().with_maps(["orders"]);
        assert!(some.covers(Some("orders")) && !some.covers(Some("sessions")) && !some.covers(None));
        assert_eq!(some.maps().collect::<Vec<_>>(), ["orders"]);
    }
}
