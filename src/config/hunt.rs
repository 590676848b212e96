//! The settings of a [hunt](crate::docs::hunt).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use super::parameters::{self, ParseParametersError};

/// What an error says is allowed.
pub(super) const ALLOWED: &str = "0, 1, or some of delay=TIME and window=TIME (1us to 60s), \
                                  budget=SHARE (0 to 1) and maps=NAME+NAME, with commas between: \
                                  delay=5ms,budget=0.25,maps=sessions+orders";

/// Of a delay or window: a minute is more than anyone waits for a test.
const TIMES: RangeInclusive<Duration> = Duration::from_micros(1)..=Duration::from_secs(60);

/// Parts of the whole in which a budget is kept, so that settings can be compared.
const WHOLE: u32 = 1_000_000;

/// How hunt mode delays accesses that came close to each other, so that a race shows as an overlap: for
/// [`Config::with_hunt`](crate::Config::with_hunt).
///
/// The page [`docs::hunt`](crate::docs::hunt) tells how a hunt goes. As text it is what `CHECKEDMAP_HUNT` takes:
///
/// ```
/// use std::time::Duration;
/// use checkedmap::Hunt;
///
/// let hunt: Hunt = "delay=5ms,budget=0.25,maps=sessions+orders".parse()?;
/// assert_eq!(hunt, Hunt::new().with_delay(Duration::from_millis(5)).with_budget(0.25).with_maps(["sessions", "orders"]));
/// # Ok::<(), checkedmap::ParseParametersError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunt {
    delay: Duration,
    window: Duration,
    /// In parts of [`WHOLE`].
    budget: u32,
    /// Empty for all.
    maps: BTreeSet<String>,
}

impl Default for Hunt {
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(50),
            window: Duration::from_millis(100),
            budget: WHOLE / 3,
            maps: BTreeSet::new(),
        }
    }
}

impl Hunt {
    /// Delays of up to 50 ms, a window of 100 ms, a third of the time, all maps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the longest delay of one access, from 1 µs to 60 s; beyond is as the bound. Delays start short, and grow where
    /// two accesses keep missing each other.
    #[must_use]
    pub fn with_delay(mut self, longest: Duration) -> Self {
        self.delay = longest.clamp(*TIMES.start(), *TIMES.end());
        self
    }

    /// Sets how close in time two accesses are a near miss, from 1 µs to 60 s; beyond is as the bound.
    #[must_use]
    pub fn with_window(mut self, window: Duration) -> Self {
        self.window = window.clamp(*TIMES.start(), *TIMES.end());
        self
    }

    /// Sets the share of the time that delays may take, all together and of each thread's, from 0, none, to 1; beyond is as the
    /// bound.
    #[must_use]
    pub fn with_budget(mut self, share: f64) -> Self {
        self.budget = in_parts(share);
        self
    }

    /// Sets the names of the maps that are hunted in. None is a way to say all, those without a name included.
    #[must_use]
    pub fn with_maps(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.maps = names.into_iter().map(Into::into).collect();
        self
    }

    /// The longest delay of one access.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// How close in time two accesses are a near miss.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window
    }

    /// The share of the time that delays may take.
    #[must_use]
    pub fn budget(&self) -> f64 {
        f64::from(self.budget) / f64::from(WHOLE)
    }

    /// The names of the maps that are hunted in; all are where there is none.
    pub fn maps(&self) -> impl Iterator<Item = &str> {
        self.maps.iter().map(String::as_str)
    }

    /// Whether maps of this name, or without one, are hunted in.
    #[must_use]
    pub fn covers(&self, name: Option<&str>) -> bool {
        self.maps.is_empty() || name.is_some_and(|name| self.maps.contains(name))
    }
}

impl FromStr for Hunt {
    type Err = ParseParametersError;

    /// Reads parameters such as `delay=5ms,budget=0.25`; what is not said has its default.
    fn from_str(text: &str) -> Result<Self, ParseParametersError> {
        let mut hunt = Self::default();
        parameters::read(text, ALLOWED, |name, value| {
            Some(match name {
                "delay" => parameters::time(value, &TIMES).map(|delay| hunt.delay = delay),
                "window" => parameters::time(value, &TIMES).map(|window| hunt.window = window),
                "budget" => parameters::share(value).map(|share| hunt.budget = in_parts(share)),
                "maps" => parameters::names(value).map(|maps| hunt.maps = maps),
                _ => return None,
            })
        })?;
        Ok(hunt)
    }
}

fn in_parts(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * f64::from(WHOLE)).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        let ms = Duration::from_millis;
        let table = [
            ("delay=1ms", Hunt::new().with_delay(ms(1))),
            (" delay = 250us , window=2s ", Hunt::new().with_delay(Duration::from_micros(250)).with_window(ms(2_000))),
            ("budget=0.33", Hunt::new().with_budget(0.33)),
            ("budget=1", Hunt::new().with_budget(1.0)),
            ("maps=a+b", Hunt::new().with_maps(["b", "a"])),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<Hunt>(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let table = [
            ("delay=1", "\"delay=1\": no unit; us, ms and s are units"),
            ("delay=0ms", "\"delay=0ms\": not from 1µs to 60s"),
            ("delay=61s", "\"delay=61s\": not from 1µs to 60s"),
            ("delay=18446744073709551615s", "\"delay=18446744073709551615s\": not from 1µs to 60s"),
            ("window=61s", "\"window=61s\": not from 1µs to 60s"),
            ("budget=1.5", "\"budget=1.5\": not a share from 0 to 1"),
            ("budget=-0", "\"budget=-0\": not a share from 0 to 1"),
            ("budget=NaN", "\"budget=NaN\": not a share from 0 to 1"),
            ("budget=33%", "\"budget=33%\": not a share from 0 to 1"),
            ("keys=8", "\"keys=8\": not a parameter"),
        ];
        for (text, reason) in table {
            assert_eq!(text.parse::<Hunt>().expect_err(text).reason(), reason);
        }
    }

    #[test]
    fn maps_are_covered_by_name() {
        assert!(Hunt::new().covers(None) && Hunt::new().covers(Some("orders")));
        let some = Hunt::new().with_maps(["orders"]);
        assert!(some.covers(Some("orders")) && !some.covers(Some("sessions")) && !some.covers(None));
        assert_eq!(some.maps().collect::<Vec<_>>(), ["orders"]);
    }
}
