//! Incident: a configuration that is reloaded under its readers.
//!
//! The updater writes new settings into the shared map one by one, while requests read it. One night the file says
//! `timeout_ms = 5000ms`: the updater panics half-way, and requests go on with half of each configuration.
//! Expect: one report, the updater's `write` and a request's `get` with both stacks. Then the repaired updater, which
//! parses everything before it touches the map: one clear error, the old configuration kept, no conflict.
//!
//! Run it: `cargo run --example config_reload`

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use checkedmap::sink::{Memory, add_sink};
use checkedmap::{CheckedMap, Config, ConflictKind, Mode};

type Settings = HashMap<String, u64>;

static SETTINGS: LazyLock<CheckedMap<String, u64>> =
    LazyLock::new(|| CheckedMap::builder().name("settings").mode(Mode::Log).build());

const OLD: &str = "retries = 3\ntimeout_ms = 2000\nworkers = 8";
const NEW: &str = "retries = 5\ntimeout_ms = 5000ms\nworkers = 16";

/// `key = value`, line by line.
fn pairs(file: &str) -> impl Iterator<Item = (&str, &str)> {
    file.lines().map(|line| line.split_once(" = ").expect("`key = value`"))
}

/// The updater as it was. `half_way` and `resume` stand for the bad luck that a request comes in between two lines.
fn reload_in_place(file: &str, half_way: &Sender<()>, resume: &Receiver<()>) {
    let mut settings = SETTINGS.write();
    for (key, value) in pairs(file) {
        settings.insert(key.to_owned(), value.parse().expect("a number"));
        half_way.send(()).expect("the request waits for it");
        resume.recv().expect("the request is refused first");
    }
}

/// The updater as it should be: all of the file, or none of it.
fn reload_at_once(file: &str) -> Result<(), String> {
    let parse = |(key, value): (&str, &str)| match value.parse() {
        Ok(number) => Ok((key.to_owned(), number)),
        Err(_) => Err(format!("setting {key}: {value:?} is no whole number; the old configuration stays in force")),
    };
    let settings: Settings = pairs(file).map(parse).collect::<Result<_, _>>()?;
    *SETTINGS.write() = settings;
    Ok(())
}

fn handle_request() -> u64 {
    SETTINGS.get("retries").map_or(0, |retries| *retries)
}

fn named<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::Builder::new().name(name.to_owned()).spawn(work).expect("one more thread")
}

fn main() {
    // The updater is held until the request is refused, so its stack comes; the wait for it may be as long as it takes.
    Config::from_env().unwrap_or_default().with_evidence(Duration::from_secs(60)).apply();
    let reports = Memory::new();
    add_sink(reports.clone());

    println!("1. The updater writes in place, and meets \"5000ms\" half-way.\n");
    reload_at_once(OLD).expect("the old file is in order");
    let (half_way, was_half_way) = channel();
    let (resume, resumed) = channel();
    let updater = named("updater", move || reload_in_place(NEW, &half_way, &resumed));
    was_half_way.recv().expect("the first line is a good one");
    let request = named("request", handle_request);
    while checkedmap::books().detected == 0 {
        thread::yield_now();
    }
    resume.send(()).expect("the updater waits for it");
    assert!(updater.join().is_err(), "the updater panics over the second line");
    let retries = request.join().expect("in mode `log` a request waits its turn");

    checkedmap::flush(Duration::from_secs(60)).expect("the report gets out");
    let report = &reports.reports()[0];
    let holder = report.holder.as_ref().expect("the updater is named");
    assert_eq!(report.kind, ConflictKind::ReadWrite);
    assert!(holder.stack.to_string().contains("reload_in_place at "), "{report}");
    assert!(report.contender.stack.to_string().contains("handle_request at "), "{report}");
    assert_eq!((retries, SETTINGS.len(), SETTINGS.read()["timeout_ms"]), (5, 3, 2000));
    println!(
        "\nThe map is whole, its contents are not: retries is new (5), timeout_ms and workers are old (2000, 8).\n"
    );

    println!("2. The updater parses first, and replaces the map in one step.\n");
    reload_at_once(OLD).expect("the old file is in order");
    let reload = named("updater", || reload_at_once(NEW)).join().expect("no panic");
    let error = reload.expect_err("`5000ms` is no number");
    println!("updater: {error}");
    assert_eq!(error, "setting timeout_ms: \"5000ms\" is no whole number; the old configuration stays in force");
    assert_eq!(named("request", handle_request).join().expect("no panic"), 3);
    assert_eq!(checkedmap::books().detected, 1, "the repaired updater collides with nobody");
    println!("request: retries is 3, as before. No conflict.");
}
