//! What the tests share: a map of a name of its own, and what has been said about it.

use std::panic::Location;
use std::sync::OnceLock;
use std::time::Duration;

use checkedmap::report::{Effect, Severity, Suspect};
use checkedmap::sink::{Memory, set_sinks};
use checkedmap::{CheckedMap, Config, Sink, StaleChecks, stale};

/// Long enough for any machine; only a test that fails waits this long.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Settings and sinks belong to the process, so all tests have the same: nothing ever falls out of the window for want of speed.
fn memory() -> &'static Memory {
    static MEMORY: OnceLock<Memory> = OnceLock::new();
    MEMORY.get_or_init(|| {
        let memory = Memory::new();
        Config::new().with_stale_checks(StaleChecks::new().with_window(Duration::from_secs(3600))).apply();
        set_sinks([Box::new(memory.clone()) as Box<dyn Sink>]);
        memory
    })
}

/// A map that is watched, under a name that no other test uses.
pub(crate) fn map<K, V>(name: &'static str) -> CheckedMap<K, V> {
    memory();
    CheckedMap::named(name)
}

/// The same with std's signatures.
pub(crate) fn std_shaped<K, V>(name: &'static str) -> checkedmap::hash_map::HashMap<K, V> {
    memory();
    checkedmap::hash_map::HashMap::named(name)
}

/// A map as `HashMap::new` makes it, without a name and with nothing in it yet. Its suspects are found by where it was made.
#[track_caller]
pub(crate) fn fresh<K, V>() -> (checkedmap::hash_map::HashMap<K, V>, &'static Location<'static>) {
    memory();
    (checkedmap::hash_map::HashMap::new(), Location::caller())
}

/// The suspects on the maps that were made there.
pub(crate) fn suspects_made_at(place: &Location<'_>) -> Vec<Suspect> {
    let is_there = |suspect: &Suspect| {
        let created = &suspect.map.created;
        (created.file.as_str(), created.line, created.column) == (place.file(), place.line(), place.column())
    };
    all_suspects().into_iter().filter(is_there).collect()
}

/// Runs something to its end on another thread.
pub(crate) fn elsewhere<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| scope.spawn(work).join()).expect("no panic elsewhere")
}

fn all_suspects() -> Vec<Suspect> {
    checkedmap::flush(LONG).expect("flushed");
    assert!(stale::books().balanced(), "{}", stale::books());
    memory().suspects()
}

/// The suspects on the maps of a name so far.
pub(crate) fn suspects(name: &str) -> Vec<Suspect> {
    all_suspects().into_iter().filter(|suspect| suspect.map.name.as_deref() == Some(name)).collect()
}

/// The one suspect on the maps of a name.
#[track_caller]
pub(crate) fn suspect(name: &str) -> Suspect {
    let mut suspects = suspects(name);
    assert_eq!(suspects.len(), 1, "{suspects:#?}");
    suspects.remove(0)
}

/// Asserts that there is one suspect, of this effect, with these operations for its three steps.
#[track_caller]
pub(crate) fn expect(name: &str, effect: Effect, operations: [&str; 3]) {
    expect_as(Severity::Suspect, name, effect, operations);
}

/// The same of a hint.
#[track_caller]
pub(crate) fn expect_hint(name: &str, effect: Effect, operations: [&str; 3]) {
    expect_as(Severity::Hint, name, effect, operations);
}

#[track_caller]
fn expect_as(severity: Severity, name: &str, effect: Effect, operations: [&str; 3]) {
    let suspect = suspect(name);
    assert_eq!((suspect.effect, suspect.severity), (effect, severity), "{suspect}");
    let steps = [&suspect.lookup, &suspect.intervening, &suspect.acting].map(|step| step.operation.as_str());
    assert_eq!(steps, operations, "{suspect}");
}

#[track_caller]
pub(crate) fn expect_silence(name: &str) {
    assert_eq!(suspects(name), []);
}

/// How many more suspects the sinks were told of on the maps of a name, beyond those that were reported.
pub(crate) fn repeats(name: &str) -> u64 {
    let repeats = memory().suspect_repeats().into_iter();
    let of_name = repeats.filter(|repeat| repeat.map.as_ref().is_some_and(|map| map.name.as_deref() == Some(name)));
    of_name.map(|repeat| repeat.count).sum()
}

/// How many conflicts the sinks were told of on the maps of a name.
pub(crate) fn conflicts(name: &str) -> usize {
    memory().reports().iter().filter(|report| report.map.name.as_deref() == Some(name)).count()
}
