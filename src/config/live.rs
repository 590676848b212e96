//! The settings in force, each behind an atomic of its own.
//!
//! Settings are read by contenders, in thread-local destructors, in forked children and from `tracing` subscribers which
//! themselves use checked maps. So nothing here blocks: the first use is a race which one thread wins, and the modes of
//! single maps are a list that only grows, by names the program chose.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use once_cell::race::OnceBox;

use super::{Backtrace, Config, ConfigError, Hunt, ReportTarget, StaleChecks, parse};
use crate::ledger::current;
use crate::policy::Mode;

// Every access below is Relaxed and has no partner: a setting stands for itself, nothing is published through it, and a
// thread that reads the old value an instant longer has read it before the change. `OnceBox` orders what it publishes.
const ORDER: Ordering = Ordering::Relaxed;

/// The number of no mode: the name has an entry, which was taken back.
const NO_MODE: u8 = 0;

struct Live {
    mode: AtomicU8,
    backtrace: AtomicU8,
    /// Nanoseconds, as the two below: a day fits.
    evidence: AtomicU64,
    stuck: AtomicU64,
    recover: AtomicU64,
    membarrier: AtomicBool,
    /// Whether stale checks are made on all maps.
    stale: AtomicBool,
    /// Nanoseconds.
    stale_window: AtomicU64,
    stale_keys: AtomicUsize,
    named: OnceBox<Named>,
    /// Where reports go until [`Config::apply`] says otherwise.
    targets: Vec<ReportTarget>,
}

/// The settings of the maps of one name, and the next name.
struct Named {
    name: String,
    mode: AtomicU8,
    /// Whether stale checks are made on maps of this name.
    is_watched: AtomicBool,
    next: OnceBox<Named>,
}

static LIVE: OnceBox<Live> = OnceBox::new();

fn live() -> &'static Live {
    match LIVE.get() {
        Some(live) => live,
        None => first_use(),
    }
}

#[cold]
fn first_use() -> &'static Live {
    let (config, error) = parse::from_lookup(parse::environment);
    crate::hunt::configure_first(&config);
    let won = LIVE.set(Box::new(Live::new(config))).is_ok();
    current::follow_settings();
    if won {
        crate::hunt::attend_first();
    }
    // Told by the winner only, and after the settings are in place: a subscriber may read them.
    if let (true, Some(error)) = (won, error) {
        complain(&error);
    }
    LIVE.get().expect("set above, by this thread or another, and never unset")
}

fn complain(error: &ConfigError) {
    for bad in error.variables() {
        // A closed stderr is no reason to fail.
        let _ = writeln!(std::io::stderr(), "checkedmap: {bad}; the default applies");
        // A subscriber is the user's code, and this may be any thread of theirs in the middle of anything.
        let _ = std::panic::catch_unwind(|| tracing::error!(target: "checkedmap", "{bad}; the default applies"));
    }
}

impl Live {
    fn new(config: Config) -> Self {
        let live = Self {
            mode: AtomicU8::new(NO_MODE),
            backtrace: AtomicU8::new(0),
            evidence: AtomicU64::new(0),
            stuck: AtomicU64::new(0),
            recover: AtomicU64::new(0),
            membarrier: AtomicBool::new(true),
            stale: AtomicBool::new(false),
            stale_window: AtomicU64::new(0),
            stale_keys: AtomicUsize::new(0),
            named: OnceBox::new(),
            targets: config.report.clone(),
        };
        live.set(&config);
        live
    }

    fn set(&self, config: &Config) {
        self.mode.store(config.mode as u8, ORDER);
        self.backtrace.store(config.backtrace as u8, ORDER);
        self.evidence.store(nanoseconds(config.evidence), ORDER);
        self.stuck.store(nanoseconds(config.stuck), ORDER);
        self.recover.store(nanoseconds(config.recover), ORDER);
        self.membarrier.store(config.membarrier, ORDER);
        for entry in self.names() {
            entry.mode.store(config.modes.get(&entry.name).map_or(NO_MODE, |mode| *mode as u8), ORDER);
        }
        for (name, mode) in &config.modes {
            self.set_mode_for(name, *mode);
        }
        self.set_stale_checks(config.stale.as_ref());
    }

    fn set_stale_checks(&self, checks: Option<&StaleChecks>) {
        let everywhere = checks.is_some_and(|checks| checks.maps().next().is_none());
        // Where none are configured, single maps may still be watched by their own word.
        let bounds = checks.cloned().unwrap_or_default();
        self.stale_window.store(nanoseconds(bounds.window()), ORDER);
        self.stale_keys.store(bounds.keys(), ORDER);
        for entry in self.names() {
            entry.is_watched.store(false, ORDER);
        }
        for name in checks.into_iter().flat_map(StaleChecks::maps) {
            self.entry(name).is_watched.store(true, ORDER);
        }
        self.stale.store(everywhere, ORDER);
    }

    fn names(&self) -> impl Iterator<Item = &Named> {
        std::iter::successors(self.named.get(), |entry| entry.next.get())
    }

    fn mode(&self) -> Mode {
        Mode::from_u8(self.mode.load(ORDER)).unwrap_or_default()
    }

    fn mode_for(&self, name: Option<&str>) -> Mode {
        let named = name.and_then(|name| self.names().find(|entry| entry.name == name));
        named.and_then(|entry| Mode::from_u8(entry.mode.load(ORDER))).unwrap_or_else(|| self.mode())
    }

    fn set_mode_for(&self, name: &str, mode: Mode) {
        self.entry(name).mode.store(mode as u8, ORDER);
    }

    fn stale_checks_for(&self, name: Option<&str>) -> bool {
        let is_named = |name| self.names().any(|entry| entry.name == name && entry.is_watched.load(ORDER));
        self.stale.load(ORDER) || name.is_some_and(is_named)
    }

    /// Whether the configuration has any map watched.
    fn watches_some(&self) -> bool {
        self.stale.load(ORDER) || self.names().any(|entry| entry.is_watched.load(ORDER))
    }

    /// The entry of a name, made if need be.
    fn entry(&self, name: &str) -> &Named {
        let mut place = &self.named;
        loop {
            let entry = place.get_or_init(|| {
                let (mode, is_watched) = (AtomicU8::new(NO_MODE), AtomicBool::new(false));
                Box::new(Named { name: name.to_owned(), mode, is_watched, next: OnceBox::new() })
            });
            if entry.name == name {
                return entry;
            }
            place = &entry.next;
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The mode of a map of this name: the name's own, else the process's.
pub(crate) fn mode_for(name: Option<&str>) -> Mode {
    live().mode_for(name)
}

/// The mode of maps which have none of their own.
#[must_use]
pub fn mode() -> Mode {
    live().mode()
}

/// Sets the mode of maps which have none of their own, from the next conflict on.
pub fn set_mode(mode: Mode) {
    live().mode.store(mode as u8, ORDER);
}

/// Sets the mode of the maps of one name, from the next conflict on.
///
/// Each name the program has ever set takes a little memory for good.
pub fn set_mode_for(name: &str, mode: Mode) {
    live().set_mode_for(name, mode);
}

/// How long a report waits for the holder's stack.
pub(crate) fn evidence() -> Duration {
    Duration::from_nanos(live().evidence.load(ORDER))
}

/// After how long a wait is reported.
pub(crate) fn stuck() -> Duration {
    Duration::from_nanos(live().stuck.load(ORDER))
}

/// How long a degraded map must be quiet before it is checked again.
pub(crate) fn recover() -> Duration {
    Duration::from_nanos(live().recover.load(ORDER))
}

/// Whether gates may leave the counted regime.
pub(crate) fn may_use_membarrier() -> bool {
    live().membarrier.load(ORDER)
}

/// Whether accesses may go the fast way in, on which nothing is seen to: no stack is taken at every entry, no hunt looks at
/// them, and no lookup is remembered.
pub(crate) fn one_look_is_enough() -> bool {
    backtrace() != Backtrace::Always && !crate::hunt::is_on() && !watches_some()
}

/// Whether stale checks are made on some map.
pub(crate) fn watches_some() -> bool {
    crate::stale::any_by_own_word() || live().watches_some()
}

/// Whether a map of this name, which says nothing itself, is watched.
pub(crate) fn stale_checks_for(name: Option<&str>) -> bool {
    live().stale_checks_for(name)
}

/// Sets how maps which say nothing themselves are watched for [stale checks](crate::docs::stale), from the next access on; `None`, not at
/// all. What all maps have remembered is forgotten, and its memory given back.
///
/// Each name the program has ever set takes a little memory for good.
///
/// ```
/// use checkedmap::{CheckedMap, StaleChecks, config};
///
/// let sessions: CheckedMap<u64, u64> = CheckedMap::named("sessions");
/// config::set_stale_checks(StaleChecks::new().with_maps(["sessions"]));
/// assert!(sessions.stale_checks());
/// config::set_stale_checks(None);
/// assert!(!sessions.stale_checks());
/// ```
pub fn set_stale_checks(checks: impl Into<Option<StaleChecks>>) {
    live().set_stale_checks(checks.into().as_ref());
    current::follow_settings();
    crate::stale::forget_all();
}

/// Sets how hunt mode delays accesses that came close to each other, on maps which say nothing themselves, from the next access
/// on; `None` switches it off. Seed and plan stay.
///
/// Each set of settings the program has ever had takes a little memory for good.
///
/// ```
/// use checkedmap::{CheckedMap, Hunt, config};
///
/// let sessions: CheckedMap<u64, u64> = CheckedMap::named("sessions");
/// config::set_hunt(Hunt::new().with_maps(["sessions"]));
/// assert!(sessions.hunt());
/// config::set_hunt(None);
/// assert!(!sessions.hunt());
/// ```
pub fn set_hunt(hunt: impl Into<Option<Hunt>>) {
    read_once();
    crate::hunt::set(hunt.into());
    current::follow_settings();
}

/// How long a lookup counts.
pub(crate) fn stale_window() -> Duration {
    Duration::from_nanos(live().stale_window.load(ORDER))
}

/// For how many keys a map remembers lookups and writes.
pub(crate) fn stale_keys() -> usize {
    live().stale_keys.load(ORDER)
}

/// Whether a map of this name, which says nothing itself, is hunted in.
pub(crate) fn hunts_in(name: Option<&str>) -> bool {
    read_once();
    crate::hunt::is_on_for(name)
}

/// Sees to it that the settings have been read, which the first use of any does.
pub(crate) fn read_once() {
    live();
}

/// When stacks are taken.
pub(crate) fn backtrace() -> Backtrace {
    match live().backtrace.load(ORDER) {
        0 => Backtrace::Off,
        1 => Backtrace::Conflict,
        _ => Backtrace::Always,
    }
}

/// Where reports go as long as nobody has chosen sinks at run time.
pub(crate) fn first_targets() -> &'static [ReportTarget] {
    &live().targets
}

pub(super) fn apply(config: Config) {
    let targets = config.report.clone();
    // Applied before anything was read, the environment need not be read at all.
    if let Err(late) = LIVE.set(Box::new(Live::new(config.clone()))) {
        drop(late);
        live().set(&config);
    }
    crate::hunt::configure(&config);
    current::follow_settings();
    crate::stale::forget_all();
    crate::sink::configure(&targets);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_beats_the_default() {
        let live = Live::new(Config::new().with_mode(Mode::Log).with_mode_for("sessions", Mode::Panic));
        assert_eq!(live.mode_for(None), Mode::Log);
        assert_eq!(live.mode_for(Some("orders")), Mode::Log);
        assert_eq!(live.mode_for(Some("sessions")), Mode::Panic);
        live.set_mode_for("sessions", Mode::Fallback);
        live.set_mode_for("orders", Mode::Abort);
        assert_eq!(live.mode_for(Some("sessions")), Mode::Fallback);
        assert_eq!(live.mode_for(Some("orders")), Mode::Abort);
        assert_eq!(live.names().count(), 2);
    }

    #[test]
    fn applying_takes_names_back() {
        let live = Live::new(Config::new().with_mode_for("sessions", Mode::Log).with_mode_for("orders", Mode::Log));
        live.set(&Config::new().with_mode(Mode::Abort).with_mode_for("orders", Mode::Fallback));
        assert_eq!(live.mode_for(Some("sessions")), Mode::Abort);
        assert_eq!(live.mode_for(Some("orders")), Mode::Fallback);
    }

    #[test]
    fn a_list_of_maps_leaves_the_others_out() {
        let live = Live::new(Config::new().with_stale_checks(StaleChecks::new().with_maps(["orders"])));
        assert!(live.stale_checks_for(Some("orders")) && live.watches_some());
        assert!(!live.stale_checks_for(Some("sessions")) && !live.stale_checks_for(None));
        live.set(&Config::new().with_stale_checks(StaleChecks::new()));
        assert!(live.stale_checks_for(Some("sessions")) && live.stale_checks_for(None));
        live.set_stale_checks(Some(&StaleChecks::new().with_maps(["sessions"])));
        assert!(!live.stale_checks_for(Some("orders")) && live.stale_checks_for(Some("sessions")));
        live.set(&Config::new());
        assert!(!live.stale_checks_for(Some("orders")) && !live.watches_some());
    }

    #[test]
    fn names_set_by_many_threads_are_all_kept() {
        let live = Live::new(Config::new());
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (live, start) = (&live, &start);
                scope.spawn(move || {
                    start.wait();
                    for name in 0..16 {
                        live.set_mode_for(&format!("{}", name + thread % 2), Mode::Log);
                    }
                });
            }
        });
        let mut names: Vec<_> = live.names().map(|entry| entry.name.clone()).collect();
        names.sort_by_key(|name| name.parse::<u32>().expect("a number"));
        assert_eq!(names, (0..17).map(|name| name.to_string()).collect::<Vec<_>>());
    }
}
