//! The classic example: ten threads, each of which writes a few keys of one map, and nothing that puts them in order.
//!
//! ```text
//! cargo run --release --example ten_threads
//! ```
//!
//! A write takes nanoseconds and a thread takes longer to begin, so the ten hardly ever meet by themselves. The program runs
//! itself again and again, once as it is and once in hunt mode, and prints in how many of the runs the bug was found.

use std::process::{Command, ExitCode, Stdio};

use checkedmap::{CheckedMap, Config, Mode};

const HELP: &str = "\
Ten threads write to one map. In how many runs is that found, as it is and in hunt mode?

usage: cargo run --release --example ten_threads [-- OPTIONS]

  --runs N    processes per line of the table, 1 to 10000 (default 50)
  --keys N    run once, here, with so many keys per thread, 1 to 1000000: exit code 1 where a conflict was found
  --help      this text

environment: the CHECKEDMAP_* variables of the README hold for --keys; the table sets CHECKEDMAP_HUNT itself";

/// Keys per thread, by line of the table.
const KEYS: [u64; 4] = [1, 10, 100, 1000];

/// What a process that has found a conflict ends with.
const FOUND: u8 = 1;

enum Asked {
    Table { runs: u32 },
    Once { keys: u64 },
    Help,
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let Some(option) = arguments.next() else { return Ok(Asked::Table { runs: 50 }) };
    let value = arguments.next().unwrap_or_default();
    let number = |most: u64| {
        let number = value.parse().ok().filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| format!("{option} {value:?} is not allowed: a whole number from 1 to {most} is"))
    };
    match option.as_str() {
        "--runs" => Ok(Asked::Table { runs: number(10_000)? as u32 }),
        "--keys" => Ok(Asked::Once { keys: number(1_000_000)? }),
        "--help" | "-h" => Ok(Asked::Help),
        _ => Err(format!("unknown option {option:?}; allowed are --runs N, --keys N and --help")),
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

/// Whether a process with so many keys per thread finds the bug.
fn finds(keys: u64, hunt: &str) -> std::io::Result<bool> {
    let mut command = Command::new(std::env::current_exe()?);
    // What it found is counted, not read.
    command.args(["--keys", &keys.to_string()]).env("CHECKEDMAP_HUNT", hunt);
    command.envs([("CHECKEDMAP_REPORT", "off"), ("CHECKEDMAP_BACKTRACE", "off")]);
    let status = command.stdin(Stdio::null()).status()?;
    match status.code() {
        Some(0) => Ok(false),
        Some(code) if code == i32::from(FOUND) => Ok(true),
        _ => Err(std::io::Error::other(format!("a run ended with {status}"))),
    }
}

fn table(runs: u32) -> std::io::Result<()> {
    println!("keys per thread   found as it is   found in hunt mode   (of {runs} runs each)");
    for keys in KEYS {
        let count = |hunt| (0..runs).map(|_| finds(keys, hunt).map(u32::from)).sum::<std::io::Result<u32>>();
        println!("{keys:>15}   {:>14}   {:>18}", count("0")?, count("1")?);
    }
    Ok(())
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)) {
        Ok(Asked::Help) => println!("{HELP}"),
        Ok(Asked::Once { keys }) => {
            if let Ok(config) = Config::from_env() {
                config.apply();
            }
            ten_threads(keys);
            if checkedmap::books().detected > 0 {
                return ExitCode::from(FOUND);
            }
        }
        Ok(Asked::Table { runs }) => {
            if let Err(error) = table(runs) {
                eprintln!("ten_threads: {error}");
                return ExitCode::from(3);
            }
        }
        Err(wrong) => {
            eprintln!("ten_threads: {wrong}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
