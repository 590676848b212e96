//! The example everybody knows: ten threads, each writing its keys into one map without a lock.

use std::fmt::Write as _;
use std::thread;

use checkedmap::CheckedMap;

use crate::child::observe_named;
use crate::go::{Presence, Translations};
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
pub(crate) fn table(runs: usize, with_go: bool) -> Result<String, String> {
    let go = Translations::build(with_go)?;
    let mut headings = vec!["keys per thread", "found as it is", "found by a hunt"];
    if go.presence.is_present() {
        headings.extend(["by the check in Go's maps", "by Go's race detector"]);
    }
    let mut text = format!(
        "Ten threads write keys of one map, and nothing puts them in order. In how many of {runs} processes is it reported?\n\n"
    );
    let _ = writeln!(text, "| {} |\n|{}", headings.join(" | "), "---|".repeat(headings.len()));
    for keys in KEYS {
        let name = format!("{PREFIX}{keys}");
        let (mut passive, mut hunt) = (0, 0);
        for _ in 0..runs {
            let directory = tempfile::tempdir().map_err(|error| format!("a directory for the reports: {error}"))?;
            for (mode, found) in [(Mode::Passive, &mut passive), (Mode::Hunt, &mut hunt)] {
                *found += usize::from(!observe_named(&name, mode, directory.path())?.kinds.is_empty());
            }
        }
        let mut row = vec![keys, passive, hunt].into_iter().map(|count| count.to_string()).collect::<Vec<_>>();
        if let Some(go) = go.repeat(&name, runs, true)? {
            row.push(go.plain.found.to_string());
            row.push(go.race.map_or_else(String::new, |race| race.found.to_string()));
        }
        let _ = writeln!(text, "| {} |", row.join(" | "));
        eprintln!("{keys} keys per thread: {passive} as it is, {hunt} by a hunt, of {runs}");
    }
    if let Presence::Present { version, .. } = &go.presence {
        let _ = writeln!(text, "\nGo is {version}.");
    }
    Ok(text)
}
