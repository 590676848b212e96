//! A suspect that is told while its access is inside runs no code of the program, which may come back to the map.
//!
//! Alone in its process: the context provider is the process's, and this one uses the map.

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, Config, ContextProvider, RequestContext, StaleChecks, set_context_provider, stale};

static REQUESTS: LazyLock<CheckedMap<u64, &str>> = LazyLock::new(|| CheckedMap::named("requests"));

/// Knows of requests from a map that is watched itself.
struct FromTheMap;

impl ContextProvider for FromTheMap {
    fn describe(&self, _: &mut RequestContext) {
        let _ = REQUESTS.get(&7);
    }
}

#[test]
fn a_suspect_told_inside_is_no_conflict() {
    let checks = StaleChecks::new().with_window(Duration::from_secs(3600));
    Config::new().with_stale_checks(checks).with_report([]).apply();
    assert!(set_context_provider(Box::new(FromTheMap)).is_ok());
    let orders = &*REQUESTS;
    for act in [
        (|orders| drop(orders.get_mut(&7))) as fn(&CheckedMap<u64, &'static str>),
        |orders| drop(orders.entry(7).or_insert("ours")),
        |orders| drop(orders.get_disjoint_mut([&7])),
    ] {
        orders.remove(&7);
        orders.insert(7, "first");
        assert!(orders.get(&7).is_some());
        thread::scope(|scope| scope.spawn(|| orders.insert(7, "theirs")).join()).expect("no panic elsewhere");
        act(orders);
    }
    assert!(stale::books().detected > 0, "{}", stale::books());
    assert_eq!(checkedmap::books().detected, 0, "no conflict");
}
