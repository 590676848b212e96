//! The grammar of the variables, over any source of values so that tests need no environment.

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use super::parameters::{self, ParseParametersError};
use super::{Backtrace, Config, LONGEST, ReportTarget, hunt, stale};
use crate::policy::Mode;

const MODE: &str = "CHECKEDMAP_MODE";
const BACKTRACE: &str = "CHECKEDMAP_BACKTRACE";
const EVIDENCE: &str = "CHECKEDMAP_EVIDENCE_MS";
const STUCK: &str = "CHECKEDMAP_STUCK_MS";
const RECOVER: &str = "CHECKEDMAP_RECOVER_MS";
const REPORT: &str = "CHECKEDMAP_REPORT";
const MEMBARRIER: &str = "CHECKEDMAP_MEMBARRIER";
const STALE: &str = "CHECKEDMAP_STALE";
const HUNT: &str = "CHECKEDMAP_HUNT";
const HUNT_SEED: &str = "CHECKEDMAP_HUNT_SEED";
const HUNT_PLAN: &str = "CHECKEDMAP_HUNT_PLAN";
const NEAR_MISSES: &str = "CHECKEDMAP_NEAR_MISSES";

const MODES: &str = "panic, abort, log or fallback, then NAME=MODE for single maps, with commas between";
const BACKTRACES: &str = "off, conflict or always";
#[cfg(feature = "serde")]
const REPORTS: &str = "stderr, json:PATH, html:PATH or tracing, several with commas between, or off alone";
#[cfg(not(feature = "serde"))]
const REPORTS: &str = "stderr, html:PATH or tracing, several with commas between, or off alone";

const MEMBARRIERS: &str = "auto or off";
const SWITCH: &str = "0 or 1";

/// One variable with a value that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadVariable {
    variable: &'static str,
    value: String,
    reason: String,
    allowed: String,
}

impl BadVariable {
    /// The variable's name.
    #[must_use]
    pub fn variable(&self) -> &str {
        self.variable
    }

    /// Its value; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for BadVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:?}: {}; allowed: {}", self.variable, self.value, self.reason, self.allowed)
    }
}

/// Variables with values that are not allowed: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<BadVariable>);

impl ConfigError {
    /// Each bad variable, in the order of the [table](crate::config).
    #[must_use]
    pub fn variables(&self) -> &[BadVariable] {
        &self.0
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, bad) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            bad.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// The process's environment.
pub(super) fn environment(variable: &str) -> Option<OsString> {
    std::env::var_os(variable)
}

/// The settings as far as they are good, and what is wrong with the rest.
pub(super) fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> (Config, Option<ConfigError>) {
    let mut config = Config::default();
    let mut bad = Vec::new();
    let mut read = |variable, allowed: &str, parse: &mut dyn FnMut(&str) -> Result<(), String>| {
        let Some(value) = lookup(variable).filter(|value| !value.is_empty()) else { return };
        let outcome = value.to_str().ok_or_else(|| "not UTF-8".to_owned()).and_then(&mut *parse);
        if let Err(reason) = outcome {
            let value = value.to_string_lossy().into_owned();
            bad.push(BadVariable { variable, value, reason, allowed: allowed.to_owned() });
        }
    };
    read(MODE, MODES, &mut |value| modes(value, &mut config));
    read(BACKTRACE, BACKTRACES, &mut |value| {
        let word = value.trim();
        let known = Backtrace::ALL.iter().find(|choice| choice.as_str() == word);
        config.backtrace = *known.ok_or_else(|| format!("{word:?} is none of the values"))?;
        Ok(())
    });
    let range = format!("whole milliseconds from 0 to {}", LONGEST.as_millis());
    read(EVIDENCE, &range, &mut |value| milliseconds(value).map(|wait| config.evidence = wait));
    read(STUCK, &range, &mut |value| milliseconds(value).map(|wait| config.stuck = wait));
    read(RECOVER, &range, &mut |value| milliseconds(value).map(|quiet| config.recover = quiet));
    read(REPORT, REPORTS, &mut |value| targets(value).map(|targets| config.report = targets));
    read(MEMBARRIER, MEMBARRIERS, &mut |value| {
        config.membarrier = match value.trim() {
            "auto" => true,
            "off" => false,
            word => return Err(format!("{word:?} is none of the values")),
        };
        Ok(())
    });
    read(STALE, stale::ALLOWED, &mut |value| {
        parameters::switch(value).map(|checks| config.stale = checks).map_err(reason)
    });
    read(HUNT, hunt::ALLOWED, &mut |value| parameters::switch(value).map(|hunt| config.hunt = hunt).map_err(reason));
    read(HUNT_SEED, "a whole number from 0 to 18446744073709551615", &mut |value| {
        let word = value.trim();
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let seed = word.parse().ok().filter(|_| digits).ok_or_else(|| format!("{word:?} is no seed"))?;
        config.hunt_seed = Some(seed);
        Ok(())
    });
    read(HUNT_PLAN, "a path", &mut |value| match value.trim() {
        "" => Err("no path".to_owned()),
        path => {
            config.hunt_plan = Some(path.into());
            Ok(())
        }
    });
    read(NEAR_MISSES, SWITCH, &mut |value| {
        config.near_misses = match value.trim() {
            "0" => false,
            "1" => true,
            word => return Err(format!("{word:?} is none of the values")),
        };
        Ok(())
    });
    let error = (!bad.is_empty()).then_some(ConfigError(bad));
    (config, error)
}

/// A variable's error says itself what is allowed.
fn reason(error: ParseParametersError) -> String {
    error.reason().to_owned()
}

/// Changes `config` only where the whole value is good.
fn modes(value: &str, config: &mut Config) -> Result<(), String> {
    let mut default = None;
    let mut named = std::collections::BTreeMap::new();
    for entry in value.split(',').map(str::trim) {
        // The last `=` divides: modes contain none, names may.
        let (name, word) = match entry.rsplit_once('=') {
            Some((name, word)) => (Some(name.trim()), word.trim()),
            None => (None, entry),
        };
        let mode = word.parse::<Mode>().map_err(|_| format!("{word:?} is not a mode"))?;
        match name {
            None if default.replace(mode).is_some() => return Err("two modes without a name".to_owned()),
            None => {}
            Some("") => return Err(format!("no name before the `=` of {entry:?}")),
            Some(name) if named.insert(name.to_owned(), mode).is_some() => {
                return Err(format!("the name {name:?} is given twice"));
            }
            Some(_) => {}
        }
    }
    config.mode = default.unwrap_or(config.mode);
    config.modes = named;
    Ok(())
}

fn milliseconds(value: &str) -> Result<Duration, String> {
    let word = value.trim();
    // `u64::from_str` takes a leading plus sign; the table does not.
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let wait = digits.then(|| word.parse().ok().map(Duration::from_millis));
    match wait {
        None => Err(format!("{word:?} is not a whole number")),
        Some(Some(wait)) if wait <= LONGEST => Ok(wait),
        Some(_) => Err(format!("{word} is out of range")),
    }
}

fn targets(value: &str) -> Result<Vec<ReportTarget>, String> {
    if value.trim() == "off" {
        return Ok(Vec::new());
    }
    let mut targets = Vec::new();
    for word in value.split(',').map(str::trim) {
        let target = target(word)?;
        if targets.contains(&target) {
            return Err(format!("{word:?} is given twice"));
        }
        targets.push(target);
    }
    Ok(targets)
}

fn target(word: &str) -> Result<ReportTarget, String> {
    match word {
        "stderr" => Ok(ReportTarget::Stderr),
        "tracing" => Ok(ReportTarget::Tracing),
        "off" => Err("`off` excludes every other target".to_owned()),
        _ => match word.split_once(':') {
            Some(("json", path)) => json(path),
            Some(("html", path)) => html(path),
            _ => Err(format!("{word:?} is no target")),
        },
    }
}

fn html(path: &str) -> Result<ReportTarget, String> {
    let path = path.trim();
    if path.is_empty() {
        return Err("no path after `html:`".to_owned());
    }
    // `file_name` is blind to a separator at the end.
    if path.ends_with(std::path::is_separator) || std::path::Path::new(path).file_name().is_none() {
        return Err(format!("{path:?} is a directory, and the page is a file"));
    }
    Ok(ReportTarget::Html(path.into()))
}

#[cfg(feature = "serde")]
fn json(path: &str) -> Result<ReportTarget, String> {
    match path.trim() {
        "" => Err("no path after `json:`".to_owned()),
        path => Ok(ReportTarget::Json(path.into())),
    }
}

#[cfg(not(feature = "serde"))]
fn json(_: &str) -> Result<ReportTarget, String> {
    Err("`json:` needs checkedmap's feature `serde`, which this build lacks".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Hunt, StaleChecks};

    fn parse(variables: &[(&str, &str)]) -> (Config, Option<String>) {
        let (config, error) = from_lookup(|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(value))
        });
        (config, error.map(|error| error.to_string()))
    }

    #[test]
    fn good_values_are_taken() {
        let ms = Duration::from_millis;
        let default = Config::default;
        let table: &[(&str, &str, Config)] = &[
            (MODE, "", default()),
            (MODE, "log", default().with_mode(Mode::Log)),
            (MODE, " abort ", default().with_mode(Mode::Abort)),
            (MODE, "sessions=fallback", default().with_mode_for("sessions", Mode::Fallback)),
            (
                MODE,
                "log,sessions=panic, orders = fallback",
                default()
                    .with_mode(Mode::Log)
                    .with_mode_for("sessions", Mode::Panic)
                    .with_mode_for("orders", Mode::Fallback),
            ),
            (MODE, "a=b=log", default().with_mode_for("a=b", Mode::Log)),
            (BACKTRACE, "off", default().with_backtrace(Backtrace::Off)),
            (BACKTRACE, "conflict", default()),
            (BACKTRACE, "always", default().with_backtrace(Backtrace::Always)),
            (EVIDENCE, "0", default().with_evidence(Duration::ZERO)),
            (EVIDENCE, "86400000", default().with_evidence(LONGEST)),
            (STUCK, "1", default().with_stuck(ms(1))),
            (RECOVER, "250", default().with_recover(ms(250))),
            (STALE, "0", default()),
            (STALE, "1", default().with_stale_checks(StaleChecks::new())),
            (STALE, "maps=orders", default().with_stale_checks(StaleChecks::new().with_maps(["orders"]))),
            (HUNT, "0", default()),
            (HUNT, "1", default().with_hunt(Hunt::new())),
            (HUNT, "delay=1ms,maps=a+b", default().with_hunt(Hunt::new().with_delay(ms(1)).with_maps(["a", "b"]))),
            (HUNT_SEED, "18446744073709551615", default().with_hunt_seed(u64::MAX)),
            (HUNT_PLAN, " hunt.plan ", default().with_hunt_plan(std::path::PathBuf::from("hunt.plan"))),
            (NEAR_MISSES, "0", default()),
            (NEAR_MISSES, "1", default().with_near_misses(true)),
            (REPORT, "stderr", default()),
            (REPORT, "off", default().with_report([])),
            (
                REPORT,
                "html: /var/log/a b.html ,stderr",
                default().with_report([ReportTarget::Html("/var/log/a b.html".into()), ReportTarget::Stderr]),
            ),
            (REPORT, "tracing,stderr", default().with_report([ReportTarget::Tracing, ReportTarget::Stderr])),
        ];
        for (variable, value, expected) in table {
            assert_eq!(parse(&[(variable, value)]), (expected.clone(), None), "{variable}={value}");
        }
    }

    #[test]
    fn bad_values_name_variable_value_and_allowed_values() {
        let table: &[(&str, &str, &str, &str)] = &[
            (MODE, "lgo", "\"lgo\" is not a mode", MODES),
            (MODE, "Log", "\"Log\" is not a mode", MODES),
            (MODE, "log,", "\"\" is not a mode", MODES),
            (MODE, "log,panic", "two modes without a name", MODES),
            (MODE, "=log", "no name before", MODES),
            (MODE, "a=log,a=panic", "\"a\" is given twice", MODES),
            (MODE, "a=loud", "\"loud\" is not a mode", MODES),
            (BACKTRACE, "full", "\"full\" is none of the values", BACKTRACES),
            (EVIDENCE, "50ms", "\"50ms\" is not a whole number", "from 0 to 86400000"),
            (EVIDENCE, "-1", "is not a whole number", "whole milliseconds"),
            (EVIDENCE, "+1", "is not a whole number", "whole milliseconds"),
            (EVIDENCE, "1.5", "is not a whole number", "whole milliseconds"),
            (STUCK, "86400001", "86400001 is out of range", "from 0 to 86400000"),
            (RECOVER, "99999999999999999999999", "is out of range", "from 0 to 86400000"),
            (STALE, "yes", "\"yes\": not a parameter", stale::ALLOWED),
            (STALE, "window=1", "\"window=1\": no unit", "window=TIME"),
            (HUNT, "yes", "\"yes\": not a parameter", hunt::ALLOWED),
            (HUNT, "delay=1", "\"delay=1\": no unit", "delay=TIME"),
            (HUNT_SEED, "-1", "\"-1\" is no seed", "from 0 to 18446744073709551615"),
            (HUNT_SEED, "18446744073709551616", "is no seed", "a whole number"),
            (HUNT_PLAN, "  ", "no path", "a path"),
            (NEAR_MISSES, "yes", "\"yes\" is none of the values", SWITCH),
            (REPORT, "stdout", "\"stdout\" is no target", REPORTS),
            (REPORT, "stderr,off", "`off` excludes every other target", REPORTS),
            (REPORT, "stderr,stderr", "\"stderr\" is given twice", REPORTS),
            (REPORT, "html:", "no path after `html:`", REPORTS),
            (REPORT, "html:pages/", "\"pages/\" is a directory, and the page is a file", REPORTS),
            (REPORT, "html:..", "\"..\" is a directory, and the page is a file", REPORTS),
            (REPORT, "html:a.html,html:a.html", "\"html:a.html\" is given twice", REPORTS),
            (REPORT, "json:", if cfg!(feature = "serde") { "no path" } else { "feature `serde`" }, REPORTS),
        ];
        for (variable, value, reason, allowed) in table {
            let (config, error) = parse(&[(variable, value)]);
            let error = error.unwrap_or_else(|| panic!("{variable}={value} is taken"));
            assert_eq!(config, Config::default(), "{variable}={value}");
            assert!(error.starts_with(&format!("{variable}={value:?}: ")), "{error}");
            assert!(error.contains(reason), "{error}");
            assert!(error.contains(allowed), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn json_takes_a_path() {
        let (config, error) = parse(&[(REPORT, "json:/var/log/conflicts.jsonl,stderr")]);
        assert_eq!(error, None);
        assert_eq!(config.report(), [ReportTarget::Json("/var/log/conflicts.jsonl".into()), ReportTarget::Stderr]);
    }

    #[cfg(not(feature = "serde"))]
    #[test]
    fn json_names_the_feature_it_needs() {
        let (_, error) = parse(&[(REPORT, "json:conflicts.jsonl")]);
        assert!(error.expect("refused").contains("needs checkedmap's feature `serde`"));
    }

    #[test]
    fn good_variables_count_beside_bad_ones() {
        let (config, error) = parse(&[(MODE, "lgo"), (EVIDENCE, "7"), (STUCK, "soon")]);
        assert_eq!(config, Config::default().with_evidence(Duration::from_millis(7)));
        let error = error.expect("two are bad");
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(error.contains(MODE) && error.contains(STUCK) && !error.contains(EVIDENCE), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_text_are_an_error() {
        use std::os::unix::ffi::OsStringExt;
        let (config, error) = from_lookup(|name| (name == MODE).then(|| OsString::from_vec(vec![b'l', 0xff])));
        assert_eq!(config, Config::default());
        let error = error.expect("refused").to_string();
        assert!(error.contains("CHECKEDMAP_MODE=\"l\u{fffd}\": not UTF-8"), "{error}");
    }
}
