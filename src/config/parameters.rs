//! The grammar of the variables that take parameters: `delay=5ms,maps=sessions+orders`.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// A text that is no [`Hunt`](super::Hunt), or no [`StaleChecks`](super::StaleChecks): which parameter is at fault, its value,
/// and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseParametersError {
    reason: String,
    allowed: &'static str,
}

impl ParseParametersError {
    /// The parameter and its value, and what is wrong with them.
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for ParseParametersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; allowed: {}", self.reason, self.allowed)
    }
}

impl std::error::Error for ParseParametersError {}

/// Reads `NAME=VALUE` with commas between. `set` takes the value of a parameter, says what is wrong with it, or does not know
/// the name.
pub(super) fn read(
    text: &str,
    allowed: &'static str,
    mut set: impl FnMut(&str, &str) -> Option<Result<(), String>>,
) -> Result<(), ParseParametersError> {
    let mut given = BTreeSet::new();
    for parameter in text.split(',').map(str::trim) {
        let fault = |what: &str| ParseParametersError { reason: format!("{parameter:?}: {what}"), allowed };
        let Some((name, value)) = parameter.split_once('=') else { return Err(fault("not a parameter")) };
        let (name, value) = (name.trim(), value.trim());
        if !given.insert(name) {
            return Err(fault(&format!("`{name}` is given twice")));
        }
        set(name, value).ok_or_else(|| fault("not a parameter"))?.map_err(|what| fault(&what))?;
    }
    Ok(())
}

/// A variable's value: `0` is off, `1` is on as it comes, and parameters have it on as they say.
pub(super) fn switch<T: Default + FromStr>(value: &str) -> Result<Option<T>, T::Err> {
    match value.trim() {
        "0" => Ok(None),
        "1" => Ok(Some(T::default())),
        parameters => parameters.parse().map(Some),
    }
}

pub(super) fn time(value: &str, range: &RangeInclusive<Duration>) -> Result<Duration, String> {
    let digits = value.find(|character: char| !character.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let micros: u64 = match unit {
        "us" | "µs" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "" => return Err("no unit; us, ms and s are units".to_owned()),
        _ => return Err(format!("{unit:?} is no unit; us, ms and s are")),
    };
    let number: u64 = number.parse().map_err(|_| "not a whole number with a unit".to_owned())?;
    within(Duration::from_micros(number.saturating_mul(micros)), range)
}

/// Of digits and at most a point: `f64::from_str` takes signs, exponents and `inf`.
pub(super) fn share(value: &str) -> Result<f64, String> {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let share = value.parse().ok().filter(|share| plain && (0.0..=1.0).contains(share));
    share.ok_or_else(|| "not a share from 0 to 1".to_owned())
}

/// `usize::from_str` takes a leading plus sign; no number here does.
pub(super) fn number(value: &str, range: &RangeInclusive<usize>) -> Result<usize, String> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse() {
        Ok(number) if digits => within(number, range),
        Err(_) if digits => Err(beyond(range)),
        _ => Err("not a whole number".to_owned()),
    }
}

fn within<T: PartialOrd + fmt::Debug>(value: T, range: &RangeInclusive<T>) -> Result<T, String> {
    if range.contains(&value) { Ok(value) } else { Err(beyond(range)) }
}

fn beyond<T: fmt::Debug>(range: &RangeInclusive<T>) -> String {
    format!("not from {:?} to {:?}", range.start(), range.end())
}

/// Names with `+` between.
pub(super) fn names(value: &str) -> Result<BTreeSet<String>, String> {
    let mut names = BTreeSet::new();
    for name in value.split('+').map(str::trim) {
        if name.is_empty() {
            return Err("a name is missing".to_owned());
        }
        if !names.insert(name.to_owned()) {
            return Err(format!("the name {name:?} is given twice"));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::super::{Hunt, StaleChecks};
    use super::*;

    /// What both variables have is read alike by both.
    #[test]
    fn what_is_wrong_with_what_both_have_is_told_alike() {
        let table = [
            ("", "\"\": not a parameter"),
            ("2", "\"2\": not a parameter"),
            ("yes", "\"yes\": not a parameter"),
            ("1,window=1s", "\"1\": not a parameter"),
            ("speed=3", "\"speed=3\": not a parameter"),
            ("window=1s,", "\"\": not a parameter"),
            ("window=", "\"window=\": no unit; us, ms and s are units"),
            ("window=250", "\"window=250\": no unit; us, ms and s are units"),
            ("window=ms", "\"window=ms\": not a whole number with a unit"),
            ("window=+1ms", "\"window=+1ms\": \"+1ms\" is no unit; us, ms and s are"),
            ("window=1.5s", "\"window=1.5s\": \".5s\" is no unit; us, ms and s are"),
            ("window=1h", "\"window=1h\": \"h\" is no unit; us, ms and s are"),
            ("window=99999999999999999999s", "\"window=99999999999999999999s\": not a whole number with a unit"),
            ("window=1s,window=2s", "\"window=2s\": `window` is given twice"),
            ("maps=", "\"maps=\": a name is missing"),
            ("maps=a++b", "\"maps=a++b\": a name is missing"),
            ("maps=a+a", "\"maps=a+a\": the name \"a\" is given twice"),
        ];
        for (text, reason) in table {
            let hunt = text.parse::<Hunt>().expect_err(text);
            let checks = text.parse::<StaleChecks>().expect_err(text);
            assert_eq!([hunt.reason(), checks.reason()], [reason; 2]);
            for error in [hunt, checks] {
                let told = format!("{reason}; allowed: 0, 1, or some of ");
                assert!(error.to_string().starts_with(&told), "{error}");
            }
        }
    }

    #[test]
    fn what_both_have_is_taken_alike() {
        let us = Duration::from_micros;
        for (text, window) in [
            ("window=1us", us(1)),
            ("window=250µs", us(250)),
            (" window = 40ms ", us(40_000)),
            ("window=2s,maps=a", us(2_000_000)),
        ] {
            let (hunt, checks): (Hunt, StaleChecks) = (text.parse().expect(text), text.parse().expect(text));
            assert_eq!([hunt.window(), checks.window()], [window; 2], "{text}");
        }
        let text = " maps = orders + a=b ";
        let (hunt, checks): (Hunt, StaleChecks) = (text.parse().expect(text), text.parse().expect(text));
        assert_eq!(
            (hunt, checks),
            (Hunt::new().with_maps(["a=b", "orders"]), StaleChecks::new().with_maps(["a=b", "orders"]))
        );
    }

    #[test]
    fn a_variable_switches() {
        assert_eq!(switch::<StaleChecks>(" 0 "), Ok(None));
        assert_eq!(switch::<Hunt>("1"), Ok(Some(Hunt::new())));
        assert_eq!(switch("keys=8"), Ok(Some(StaleChecks::new().with_keys(8))));
        assert!(switch::<Hunt>("").is_err());
    }
}
