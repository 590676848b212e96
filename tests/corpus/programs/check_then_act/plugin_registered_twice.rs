//! A plugin is refused if its name is taken. The names are read under the read lock, the plugin is made, and stored
//! under the write lock.
//!
//! Source: BaseIntelligence/bounty-challenge issue 9853

use std::sync::RwLock;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

fn register(plugins: &RwLock<CheckedMap<u32, u32>>, plugin: u32, author: u32) -> Result<(), u32> {
    if plugins.read().unwrap().contains_key(&plugin) {
        return Err(plugin);
    }
    thread::sleep(Duration::from_micros(150));
    plugins.write().unwrap().insert(plugin, author);
    Ok(())
}

pub(super) fn run() {
    let plugins = RwLock::new(CheckedMap::named("plugins"));
    thread::scope(|scope| {
        for author in 0..3 {
            let plugins = &plugins;
            scope.spawn(move || (0..15).filter(|plugin| register(plugins, *plugin, author).is_ok()).count());
        }
    });
}
