//! The handler of signals reads an option as it starts, and main has not finished setting them.
//!
//! Source: spf13/viper issue 2123

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let options: CheckedMap<&str, bool> = CheckedMap::named("options");
    thread::scope(|scope| {
        scope.spawn(|| options.contains_key("exit on interrupt"));
        for option in ["verbose", "exit on interrupt", "color"] {
            options.insert(option, true);
        }
    });
}
