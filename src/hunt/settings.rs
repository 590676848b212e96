//! What a hunt may do, and the grammar of `CHECKEDMAP_HUNT`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What a variable's error says is allowed.
pub(crate) const ALLOWED: &str = "0, 1, or some of delay=DURATION and window=DURATION (1us to 60s), \
                                  budget=SHARE (0 to 1) and maps=NAME+NAME, with commas between: \
                                  delay=5ms,budget=0.25,maps=sessions+orders";

/// The shortest and the longest delay or window: a minute is more than anyone waits for a test.
const BOUNDS: [Duration; 2] = [Duration::from_micros(1), Duration::from_secs(60)];

/// Parts of the whole in which a budget is kept, so that settings can be compared.
const WHOLE: u32 = 1_000_000;

/// How accesses are made to overlap that might: for [`Config::with_hunt`](crate::Config::with_hunt).
///
/// The page [`docs::hunt`](crate::docs::hunt) tells how a hunt goes. As text it is what `CHECKEDMAP_HUNT` takes:
///
/// ```
/// use std::time::Duration;
/// use checkedmap::Hunt;
///
/// let hunt: Hunt = "delay=5ms,budget=0.25,maps=sessions+orders".parse()?;
/// assert_eq!(hunt, Hunt::new().with_delay(Duration::from_millis(5)).with_budget(0.25).with_maps(["sessions", "orders"]));
/// # Ok::<(), checkedmap::ParseHuntError>(())
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
        self.delay = longest.clamp(BOUNDS[0], BOUNDS[1]);
        self
    }

    /// Sets how close in time two accesses are a near miss, from 1 µs to 60 s; beyond is as the bound.
    #[must_use]
    pub fn with_window(mut self, window: Duration) -> Self {
        self.window = window.clamp(BOUNDS[0], BOUNDS[1]);
        self
    }

    /// Sets the share of the time that delays may take, all together and of each thread's, from 0, none, to 1; beyond is as the
    /// bound.
    #[must_use]
    pub fn with_budget(mut self, share: f64) -> Self {
        self.budget = (share.clamp(0.0, 1.0) * f64::from(WHOLE)).round() as u32;
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

    /// Whether maps of this name, or without one, are hunted in.
    #[must_use]
    pub fn covers(&self, name: Option<&str>) -> bool {
        self.maps.is_empty() || name.is_some_and(|name| self.maps.contains(name))
    }
}

/// A text that is no [`Hunt`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseHuntError(String);

impl fmt::Display for ParseHuntError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseHuntError {}

impl FromStr for Hunt {
    type Err = ParseHuntError;

    /// Reads settings such as `delay=5ms,budget=0.25`; what is not said has its default.
    fn from_str(text: &str) -> Result<Self, ParseHuntError> {
        let mut hunt = Self::default();
        let mut given = BTreeSet::new();
        for setting in text.split(',').map(str::trim) {
            let fault = |what: &str| ParseHuntError(format!("{setting:?}: {what}"));
            let (name, value) = setting.split_once('=').ok_or_else(|| fault("no setting"))?;
            let (name, value) = (name.trim(), value.trim());
            if !given.insert(name) {
                return Err(ParseHuntError(format!("{name:?} is given twice")));
            }
            match name {
                "delay" => hunt.delay = duration(value).map_err(|what| fault(&what))?,
                "window" => hunt.window = duration(value).map_err(|what| fault(&what))?,
                "budget" => {
                    let share = share(value).ok_or_else(|| fault("not a share from 0 to 1"))?;
                    hunt = hunt.with_budget(share);
                }
                "maps" => {
                    let names: Vec<_> = value.split('+').map(str::trim).collect();
                    if names.contains(&"") {
                        return Err(fault("a name is missing"));
                    }
                    hunt = hunt.with_maps(names);
                }
                _ => return Err(fault("no setting")),
            }
        }
        Ok(hunt)
    }
}

fn share(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|share| plain && (0.0..=1.0).contains(share))
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let micros: u64 = match unit {
        "us" | "µs" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "" => return Err("no unit; us, ms and s are units".to_owned()),
        _ => return Err(format!("{unit:?} is no unit; us, ms and s are")),
    };
    let number: u64 = number.parse().map_err(|_| "not a whole number with a unit".to_owned())?;
    let duration = Duration::from_micros(number.saturating_mul(micros));
    let [shortest, longest] = BOUNDS;
    if duration < shortest || duration > longest {
        return Err(format!("not from {shortest:?} to {longest:?}"));
    }
    Ok(duration)
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
            ("", "\"\": no setting"),
            ("yes", "\"yes\": no setting"),
            ("delays=1ms", "\"delays=1ms\": no setting"),
            ("delay=1", "no unit"),
            ("delay=ms", "not a whole number"),
            ("delay=1min", "\"min\" is no unit"),
            ("delay=0ms", "not from 1µs to 60s"),
            ("delay=61s", "not from 1µs to 60s"),
            ("delay=99999999999999999999s", "not a whole number"),
            ("delay=18446744073709551615s", "not from 1µs to 60s"),
            ("window=61s", "not from 1µs to 60s"),
            ("budget=1.5", "not a share"),
            ("budget=-0", "not a share"),
            ("budget=NaN", "not a share"),
            ("budget=33%", "not a share"),
            ("maps=", "a name is missing"),
            ("maps=a++b", "a name is missing"),
            ("delay=1ms,delay=2ms", "\"delay\" is given twice"),
            ("delay=1ms,", "no setting"),
        ];
        for (text, reason) in table {
            let error = text.parse::<Hunt>().expect_err(text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn maps_are_covered_by_name() {
        assert!(Hunt::new().covers(None) && Hunt::new().covers(Some("orders")));
        let some = Hunt::new().with_maps(["orders"]);
        assert!(some.covers(Some("orders")) && !some.covers(Some("sessions")) && !some.covers(None));
    }
}
