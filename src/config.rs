//! Settings: from the environment, from code, and live ones that change while the program runs.
//!
//! | variable | values | default | meaning |
//! |---|---|---|---|
//! | `CHECKEDMAP_MODE` | `panic`, `abort`, `log` or `fallback`, then `NAME=MODE` for single maps, with commas between: `log,sessions=panic,orders=fallback` | `panic` | what happens to an access that is refused: see [`Mode`] |
//! | `CHECKEDMAP_BACKTRACE` | `off`, `conflict`, `always` | `conflict` | when stacks are taken: see [`Backtrace`] |
//! | `CHECKEDMAP_EVIDENCE_MS` | whole milliseconds, 0 to 86400000 | `50` | how long a report waits for the holder's stack |
//! | `CHECKEDMAP_STUCK_MS` | whole milliseconds, 0 to 86400000 | `5000` | a wait longer than this is reported with the holder's site |
//! | `CHECKEDMAP_RECOVER_MS` | whole milliseconds, 0 to 86400000 | `5000` | how long a map that fell back to a lock must be quiet before it is checked again |
//! | `CHECKEDMAP_MEMBARRIER` | `auto`, `off` | `auto` | `off` keeps every map in the counted regime, which needs no `membarrier` system call: for programs that install a seccomp filter while they run |
//! | `CHECKEDMAP_STALE` | `0`, `1`, or some of `window=TIME`, `keys=NUMBER` and `maps=NAME+NAME`, with commas between: `window=250ms,maps=sessions+orders` | `0` | check-then-act over two calls is watched for: see [`StaleChecks`] and [`docs::stale`](crate::docs::stale) |
//! | `CHECKEDMAP_HUNT` | `0`, `1`, or some of `delay=TIME`, `window=TIME`, `budget=SHARE` and `maps=NAME+NAME`, with commas between: `delay=5ms,budget=0.25,maps=sessions+orders` | `0` | hunt mode: delays accesses that came close to each other, so that a race shows as an overlap; see [`Hunt`] and [`docs::hunt`](crate::docs::hunt) |
//! | `CHECKEDMAP_HUNT_SEED` | a whole number, 0 to 18446744073709551615 | random | what the hunt's choices are drawn from: the number in a report replays them |
//! | `CHECKEDMAP_HUNT_PLAN` | a path | none | where a hunt leaves what it has learnt for the next run, and begins from |
//! | `CHECKEDMAP_NEAR_MISSES` | `0`, `1` | `0` | `1` counts near misses and hand-overs where nothing is hunted: see [`observe::shared_pairs`](crate::observe::shared_pairs) |
//! | `CHECKEDMAP_REPORT` | `stderr`, `json:PATH` (feature `serde`), `html:PATH`, `tracing`, several with commas; or `off` | `stderr` | where reports go |
//!
//! A variable that is absent or empty has its default. Blanks around words do not count. A map's name may contain `=` but
//! no comma (nor `+`, for `maps`), and a path no comma. A `TIME` is a whole number with its unit: `250us` (or `µs`), `5ms`, `2s`. In the path of a page, `{pid}` stands for the process's id.
//!
//! The environment is read once, at the first use of any setting. A bad value is then one line on stderr and one
//! `tracing` error which name the variable, its value and what is allowed; that variable has its default and the others
//! count. [`Config::from_env`] gives the same as an error instead, and [`Config::apply`] before the first use puts code in
//! the environment's place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::policy::Mode;

mod hunt;
mod live;
mod own_word;
mod parameters;
mod parse;
mod stale;

pub use hunt::Hunt;
pub(crate) use live::{
    backtrace, evidence, first_targets, hunts_in, may_use_membarrier, mode_for, one_look_is_enough, read_once, recover,
    stale_checks_for, stale_keys, stale_window, stuck, watches_some,
};
pub use live::{mode, set_hunt, set_mode, set_mode_for, set_stale_checks};
pub(crate) use own_word::{OwnWord, Setting};
pub use parameters::ParseParametersError;
pub use parse::{BadVariable, ConfigError};
pub use stale::StaleChecks;

/// No wait is longer than a day: more is a slip of the keyboard, and would hide what it waits for.
const LONGEST: Duration = Duration::from_millis(86_400_000);

/// When stacks are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Backtrace {
    /// Never: reports carry sites only.
    Off = 0,
    /// When there is a conflict: the contender's at once, the holder's as it leaves. Costs nothing until then.
    #[default]
    Conflict = 1,
    /// At every entry too, for holders that never leave. Costs microseconds per access.
    Always = 2,
}

impl Backtrace {
    /// Every value.
    pub const ALL: &'static [Self] = &[Self::Off, Self::Conflict, Self::Always];

    /// The word for it in `CHECKEDMAP_BACKTRACE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Conflict => "conflict",
            Self::Always => "always",
        }
    }
}

/// A place that `CHECKEDMAP_REPORT` can name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportTarget {
    /// Text for people on standard error.
    Stderr,
    /// One JSON document a line, appended to this file.
    #[cfg(feature = "serde")]
    Json(PathBuf),
    /// One page for a browser, kept up to date in this file: see [`HtmlPage`](crate::sink::HtmlPage).
    Html(PathBuf),
    /// One `tracing` event each.
    Tracing,
}

/// A whole set of settings.
///
/// # Examples
///
/// A program's own defaults, which the operator's environment does not touch:
///
/// ```
/// use checkedmap::{Config, Mode};
/// use std::time::Duration;
///
/// Config::new().with_mode(Mode::Log).with_mode_for("sessions", Mode::Panic).with_evidence(Duration::from_millis(20)).apply();
/// assert_eq!(checkedmap::mode(), Mode::Log);
/// ```
///
/// The environment, with bad values as an error rather than a line on stderr:
///
/// ```
/// # fn main() -> Result<(), checkedmap::ConfigError> {
/// checkedmap::Config::from_env()?.apply();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    mode: Mode,
    modes: BTreeMap<String, Mode>,
    backtrace: Backtrace,
    evidence: Duration,
    stuck: Duration,
    recover: Duration,
    report: Vec<ReportTarget>,
    membarrier: bool,
    stale: Option<StaleChecks>,
    hunt: Option<Hunt>,
    hunt_seed: Option<u64>,
    hunt_plan: Option<PathBuf>,
    near_misses: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Panic,
            modes: BTreeMap::new(),
            backtrace: Backtrace::Conflict,
            evidence: Duration::from_millis(50),
            stuck: Duration::from_millis(5000),
            recover: Duration::from_millis(5000),
            report: vec![ReportTarget::Stderr],
            membarrier: true,
            stale: None,
            hunt: None,
            hunt_seed: None,
            hunt_plan: None,
            near_misses: false,
        }
    }
}

impl Config {
    /// The defaults of the [table](self).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The environment's settings.
    ///
    /// # Errors
    ///
    /// Every variable whose value is not allowed, or is not UTF-8, in one error.
    pub fn from_env() -> Result<Self, ConfigError> {
        match parse::from_lookup(parse::environment) {
            (config, None) => Ok(config),
            (_, Some(error)) => Err(error),
        }
    }

    /// Makes these the process's settings: they replace what the environment said and what was set before, the modes of
    /// single maps and the sinks that `CHECKEDMAP_REPORT` named included. Sinks added by [`add_sink`](crate::sink::add_sink) stay.
    pub fn apply(self) {
        live::apply(self);
    }

    /// Sets the mode of maps which have none of their own.
    #[must_use]
    pub fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets the mode of the maps of one name.
    #[must_use]
    pub fn with_mode_for(mut self, name: impl Into<String>, mode: Mode) -> Self {
        self.modes.insert(name.into(), mode);
        self
    }

    /// Sets when stacks are taken.
    #[must_use]
    pub fn with_backtrace(mut self, backtrace: Backtrace) -> Self {
        self.backtrace = backtrace;
        self
    }

    /// Sets how long a report waits for the holder's stack. More than a day counts as a day.
    #[must_use]
    pub fn with_evidence(mut self, wait: Duration) -> Self {
        self.evidence = wait.min(LONGEST);
        self
    }

    /// Sets after how long a wait is reported. More than a day counts as a day.
    #[must_use]
    pub fn with_stuck(mut self, wait: Duration) -> Self {
        self.stuck = wait.min(LONGEST);
        self
    }

    /// Sets how long a degraded map must be quiet before it is checked again. More than a day counts as a day.
    #[must_use]
    pub fn with_recover(mut self, quiet: Duration) -> Self {
        self.recover = quiet.min(LONGEST);
        self
    }

    /// Sets where reports go. Nowhere is a choice: they are counted, and none is printed.
    #[must_use]
    pub fn with_report(mut self, targets: impl IntoIterator<Item = ReportTarget>) -> Self {
        self.report = targets.into_iter().collect();
        self
    }

    /// Whether maps may leave the counted regime, for one that needs the `membarrier` system call. Holds for maps that
    /// settle from now on; those that have settled stay as they are until somebody else comes.
    #[must_use]
    pub fn with_membarrier(mut self, allowed: bool) -> Self {
        self.membarrier = allowed;
        self
    }

    /// Sets how maps are watched for [stale checks](crate::docs::stale); `None`, not at all. A map's own word beats it.
    #[must_use]
    pub fn with_stale_checks(mut self, checks: impl Into<Option<StaleChecks>>) -> Self {
        self.stale = checks.into();
        self
    }

    /// Sets how hunt mode delays accesses that came close to each other; `None` switches it off. A map's own word beats it.
    #[must_use]
    pub fn with_hunt(mut self, hunt: impl Into<Option<Hunt>>) -> Self {
        self.hunt = hunt.into();
        self
    }

    /// Sets what the hunt's choices are drawn from. By default it is another number in each process.
    #[must_use]
    pub fn with_hunt_seed(mut self, seed: impl Into<Option<u64>>) -> Self {
        self.hunt_seed = seed.into();
        self
    }

    /// Sets the file in which a hunt leaves what it has learnt for the next run, and from which it begins. A file that is not there is
    /// made; one that is no plan is named on stderr and left alone. Where nothing is hunted it is left aside.
    #[must_use]
    pub fn with_hunt_plan(mut self, path: impl Into<Option<PathBuf>>) -> Self {
        self.hunt_plan = path.into();
        self
    }

    /// Sets whether near misses and hand-overs are counted on maps that are not hunted in, for
    /// [`observe::shared_pairs`](crate::observe::shared_pairs). On maps that are, they always are.
    #[must_use]
    pub fn with_near_misses(mut self, counted: bool) -> Self {
        self.near_misses = counted;
        self
    }

    /// The mode of maps which have none of their own.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The mode set for the maps of one name.
    #[must_use]
    pub fn mode_for(&self, name: &str) -> Option<Mode> {
        self.modes.get(name).copied()
    }

    /// When stacks are taken.
    #[must_use]
    pub fn backtrace(&self) -> Backtrace {
        self.backtrace
    }

    /// How long a report waits for the holder's stack.
    #[must_use]
    pub fn evidence(&self) -> Duration {
        self.evidence
    }

    /// After how long a wait is reported.
    #[must_use]
    pub fn stuck(&self) -> Duration {
        self.stuck
    }

    /// How long a degraded map must be quiet before it is checked again.
    #[must_use]
    pub fn recover(&self) -> Duration {
        self.recover
    }

    /// How maps are watched for stale checks.
    #[must_use]
    pub fn stale_checks(&self) -> Option<&StaleChecks> {
        self.stale.as_ref()
    }

    /// How hunt mode delays accesses; `None` where it is off.
    #[must_use]
    pub fn hunt(&self) -> Option<&Hunt> {
        self.hunt.as_ref()
    }

    /// What the hunt's choices are drawn from, where that is settled.
    #[must_use]
    pub fn hunt_seed(&self) -> Option<u64> {
        self.hunt_seed
    }

    /// Where a hunt leaves what it has learnt.
    #[must_use]
    pub fn hunt_plan(&self) -> Option<&Path> {
        self.hunt_plan.as_deref()
    }

    /// Whether near misses are counted on maps that are not hunted in.
    #[must_use]
    pub fn near_misses(&self) -> bool {
        self.near_misses
    }

    /// Where reports go.
    #[must_use]
    pub fn report(&self) -> &[ReportTarget] {
        &self.report
    }
}
