//! Incident: a configuration that is reloaded under its readers.
//!
//! The updater writes the new settings into the shared map one by one, while requests read it. One night the file says
//! `timeout_ms = 5000ms`; the updater panics half-way, and requests go on with half a configuration.
//! Expect: the overlap of reload and request, with both stacks; then the repaired reload, which parses everything before
//! it touches the map: one clear error, the old configuration kept, no conflict.
//!
//! Run: `cargo run --example config_reload`

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use checkedmap::sink::{Memory, add_sink};
use checkedmap::{CheckedMap, Config, ConflictKind, Mode};

static SETTINGS: LazyLock<CheckedMap<String, u64>> =
    LazyLock::new(|| CheckedMap::builder().name("settings").mode(Mode::Log).build());

const OLD: &str = "retries = 3\ntimeout_ms = 2000\nworkers = 8\n";
const NEW: &str = "retries = 5\ntimeout_ms = 5000ms\nworkers = 16\n";

/// `key = value` by line, with the line's number.
fn lines(file: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let split = |(number, line): (usize, &'static str)| {
        let (key, value) = line.split_once('=').expect("`key = value`");
        (number, key.trim(), value.trim())
    };
    let _ = split;
    file.lines().enumerate().map(|(index, line)| {
        let (key, value) = line.split_once('=').expect("`key = value`");
        (index + 1, key.trim(), value.trim())
    })
}
