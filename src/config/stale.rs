//! The settings of [stale checks](crate::stale).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::LONGEST;

/// Keys that a map can be told to remember. One is a few hundred bytes, with its stacks a few thousand.
const KEYS: RangeInclusive<usize> = 8..=1 << 20;

pub(super) const ALLOWED: &str = "1, 0, or window=TIME (as 250us, 250ms or 2s), keys=NUMBER (8 to 1048576) and \
                                  maps=NAME+NAME, with commas between";

/// Which maps are watched for check-then-act over two calls, and how closely.
///
/// ```
/// use checkedmap::Config;
/// use checkedmap::config::StaleChecks;
/// use std::time::Duration;
///
/// // The twin of CHECKEDMAP_STALE=window=250ms,maps=sessions
/// let checks = StaleChecks::new().with_window(Duration::from_millis(250)).with_map("sessions");
/// Config::new().with_stale_checks(checks).apply();
/// assert!(checkedmap::CheckedMap::<u64, u64>::named("sessions").stale_checks());
/// assert!(!checkedmap::CheckedMap::<u64, u64>::named("orders").stale_checks());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleChecks {
    pub(super) window: Duration,
    pub(super) keys: usize,
    pub(super) maps: BTreeSet<String>,
}

impl Default for StaleChecks {
    fn default() -> Self {
        Self { window: Duration::from_secs(1), keys: 1024, maps: BTreeSet::new() }
    }
}

impl StaleChecks {
    /// All maps; a window of a second; 1024 keys per map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long a lookup counts: a write that comes later rests on something else. More than a day counts as a day.
    #[must_use]
    pub fn with_window(mut self, window: Duration) -> Self {
        self.window = window.min(LONGEST);
        self
    }

    /// Sets for how many keys a map remembers lookups and writes, from 8 to 1,048,576; what lies outside counts as the
    /// nearest. A map that has begun to remember keeps to the number of its first access.
    #[must_use]
    pub fn with_keys(mut self, keys: usize) -> Self {
        self.keys = keys.clamp(*KEYS.start(), *KEYS.end());
        self
    }

    /// Adds a name: only maps of the names added are watched, and those that ask for it themselves.
    #[must_use]
    pub fn with_map(mut self, name: impl Into<String>) -> Self {
        self.maps.insert(name.into());
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
}

/// Reads the variable's value.
pub(super) fn parse(value: &str) -> Result<Option<StaleChecks>, String> {
    match value.trim() {
        "0" => return Ok(None),
        "1" => return Ok(Some(StaleChecks::new())),
        _ => {}
    }
    let mut checks = StaleChecks::new();
    let mut given = BTreeSet::new();
    for entry in value.split(',').map(str::trim) {
        let (parameter, value) = entry.split_once('=').ok_or_else(|| format!("{entry:?} is no parameter"))?;
        let (parameter, value) = (parameter.trim(), value.trim());
        if !given.insert(parameter) {
            return Err(format!("`{parameter}` is given twice"));
        }
        match parameter {
            "window" => checks.window = window(value)?,
            "keys" => checks.keys = keys(value)?,
            "maps" => checks.maps = maps(value)?,
            _ => return Err(format!("{parameter:?} is no parameter")),
        }
    }
    Ok(Some(checks))
}

fn window(value: &str) -> Result<Duration, String> {
    let digits = value.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    // `u64::from_str` takes a leading plus sign; no other number here does.
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten();
    let window = match (number, &value[digits.len()..]) {
        (Some(number), "us") => Duration::from_micros(number),
        (Some(number), "ms") => Duration::from_millis(number),
        (Some(number), "s") => Duration::from_secs(number),
        _ => return Err(format!("{value:?} is no time with a unit")),
    };
    if window.is_zero() || window > LONGEST { Err(format!("{value} is out of range")) } else { Ok(window) }
}

fn keys(value: &str) -> Result<usize, String> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| value.parse().ok()).flatten();
    number.filter(|number| KEYS.contains(number)).ok_or_else(|| format!("{value:?} is no number of keys"))
}

fn maps(value: &str) -> Result<BTreeSet<String>, String> {
    let mut names = BTreeSet::new();
    for name in value.split('+').map(str::trim) {
        if name.is_empty() {
            return Err("a map without a name".to_owned());
        }
        if !names.insert(name.to_owned()) {
            return Err(format!("the map {name:?} is given twice"));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_values_are_taken() {
        let new = StaleChecks::new;
        let table = [
            ("0", None),
            (" 1 ", Some(new())),
            ("window=250ms", Some(new().with_window(Duration::from_millis(250)))),
            ("window=40us,keys=8", Some(new().with_window(Duration::from_micros(40)).with_keys(8))),
            (
                " maps = orders + a=b , window=2s",
                Some(new().with_window(Duration::from_secs(2)).with_map("orders").with_map("a=b")),
            ),
        ];
        for (value, expected) in table {
            assert_eq!(parse(value), Ok(expected), "{value}");
        }
    }

    #[test]
    fn bad_values_say_why() {
        let table = [
            ("2", "\"2\" is no parameter"),
            ("on", "\"on\" is no parameter"),
            ("1,window=1s", "\"1\" is no parameter"),
            ("speed=3", "\"speed\" is no parameter"),
            ("window=250", "\"250\" is no time with a unit"),
            ("window=ms", "\"ms\" is no time with a unit"),
            ("window=+1ms", "\"+1ms\" is no time with a unit"),
            ("window=1h", "\"1h\" is no time with a unit"),
            ("window=0s", "0s is out of range"),
            ("window=86401s", "86401s is out of range"),
            ("window=1s,window=2s", "`window` is given twice"),
            ("keys=7", "\"7\" is no number of keys"),
            ("keys=2000000", "\"2000000\" is no number of keys"),
            ("keys=", "\"\" is no number of keys"),
            ("maps=a++b", "a map without a name"),
            ("maps=a+a", "the map \"a\" is given twice"),
        ];
        for (value, reason) in table {
            assert_eq!(parse(value), Err(reason.to_owned()), "{value}");
        }
    }
}
