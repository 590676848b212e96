//! The classic example: ten threads, each of which writes a few keys of one map, and nothing that puts them in order.
//!
//! ```text
//! cargo run --release --example ten_threads
//! CHECKEDMAP_HUNT=1 cargo run --release --example ten_threads
//! ```
//!
//! A write takes nanoseconds and a thread takes longer to begin, so the ten hardly ever meet by themselves: the first command
//! mostly finds nothing. The second one makes them meet.

use std::process::ExitCode;

use checkedmap::{CheckedMap, Mode};

const HELP: &str = "\
Ten threads write to one map, and nothing puts them in order. Is it found?

usage: cargo run --release --example ten_threads [-- OPTIONS]

  --keys N    keys per thread, 1 to 1000000 (default 1)
  --help      this text

exit code: 1 where a conflict was found
environment: the CHECKEDMAP_* variables of the README, above all CHECKEDMAP_HUNT=1";

/// What a run that has found a conflict ends with.
const FOUND: u8 = 1;

const MOST_KEYS: u64 = 1_000_000;

/// The keys per thread; `None` where help is asked for.
fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<u64>, String> {
    let Some(option) = arguments.next() else { return Ok(Some(1)) };
    match option.as_str() {
        "--keys" => {
            let value = arguments.next().unwrap_or_default();
            let keys = value.parse().ok().filter(|keys| (1..=MOST_KEYS).contains(keys));
            keys.map(Some)
                .ok_or_else(|| format!("--keys {value:?} is not allowed: a whole number from 1 to {MOST_KEYS} is"))
        }
        "--help" | "-h" => Ok(None),
        _ => Err(format!("unknown option {option:?}; allowed are --keys N and --help")),
    }
}

fn ten_threads(keys: u64) {
    let map = CheckedMap::builder().name("shared").mode(Mode::Log).build();
    std::thread::scope(|scope| {
        for thread in 0..10 {
            let map = &map;
            scope.spawn(move || {
                for key in 0..keys {
                    map.insert(thread * keys + key, key);
                }
            });
        }
    });
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)) {
        Ok(None) => println!("{HELP}"),
        Ok(Some(keys)) => {
            ten_threads(keys);
            let detected = checkedmap::books().detected;
            println!("ten threads, {keys} keys each: {detected} conflicts");
            if detected > 0 {
                return ExitCode::from(FOUND);
            }
        }
        Err(wrong) => {
            eprintln!("ten_threads: {wrong}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
