//! Plugins are loaded in parallel to start faster, and each registers itself in one map.
//!
//! Source: puppetlabs-toy-chest/wash pull request 537

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

pub(super) fn run() {
    let plugins = CheckedMap::named("plugins");
    thread::scope(|scope| {
        for plugin in ["aws", "docker", "gcp", "kubernetes"] {
            let plugins = &plugins;
            scope.spawn(move || {
                thread::sleep(Duration::from_millis(1));
                plugins.insert(plugin, plugin.len());
            });
        }
    });
}
