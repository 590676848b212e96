//! The example everybody knows: ten threads, each writing its keys into one map without a lock.

use std::fmt::Write as _;
use std::thread;

use checkedmap::CheckedMap;

use crate::child::observe_named;
use crate::go::Translations;
use crate::mode::Mode;

const PREFIX: &str = "classic/";
const KEYS: [usize; 4] = [1, 10, 100, 1000];

/// The keys each thread writes, where the name is one of the example's.
pub(crate) fn keys(name: &str) -> Option<usize> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

pub(crate) fn ten_threads(keys: usize) {
    let map = CheckedMap::named("shared");
    thread::scope(|scope| {
        for writer in 0..10 {
            let map = &map;
            scope.spawn(move || {
                for key in 0..keys {
                    map.insert(key, writer);
                }
            });
        }
    });
}

/// In how many of `runs` processes each way of looking reports it. Each hunt is alone: there is no plan to start from.
pub(crate) fn table(runs: usize) -> Result<String, String> {
    let go = Translations::build(true)?;
    let mut text =
        format!("Ten threads that each write N keys of one map: reported in how many of {runs} processes.\n\n");
    text.push_str("| keys a thread | passive | hunt | Go | Go -race |\n|---:|---:|---:|---:|---:|\n");
    for keys in KEYS {
        let name = format!("{PREFIX}{keys}");
        let (mut passive, mut hunt) = (0, 0);
        for _ in 0..runs {
            let directory = tempfile::tempdir().map_err(|error| format!("a directory for the reports: {error}"))?;
            for (mode, found) in [(Mode::Passive, &mut passive), (Mode::Hunt, &mut hunt)] {
                *found += usize::from(!observe_named(&name, mode, directory.path())?.kinds.is_empty());
            }
        }
        let go = go.repeat(&name, runs)?;
        let plain = go.as_ref().map_or("–".to_owned(), |go| go.plain.found.to_string());
        let race = go.and_then(|go| go.race).map_or("–".to_owned(), |race| race.found.to_string());
        let _ = writeln!(text, "| {keys} | {passive} | {hunt} | {plain} | {race} |");
        eprintln!("{keys} keys: passive {passive}, hunt {hunt} of {runs}");
    }
    Ok(text)
}
