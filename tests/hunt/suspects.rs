//! Stale checks while a hunt is on.

use std::time::Duration;

use checkedmap::sink::{Memory, add_sink};

use crate::child::{is_child, run, tell};
use crate::programs::Map;

#[test]
fn a_suspect_has_the_seed() {
    const NAME: &str = "suspects::a_suspect_has_the_seed";
    if is_child(NAME) {
        let memory = Memory::new();
        add_sink(memory.clone());
        let map = Map::named("suspected");
        assert!(!map.contains_key(&7));
        std::thread::scope(|scope| scope.spawn(|| map.insert(7, 1)).join()).expect("no panic elsewhere");
        map.insert(7, 2);
        checkedmap::flush(Duration::from_secs(60)).expect("flushed");
        let suspects = memory.suspects();
        tell("suspects", suspects.len());
        return tell("seed", suspects[0].hunt_seed.map_or("none".to_owned(), |seed| seed.to_string()));
    }
    let stale = ("CHECKEDMAP_STALE", "window=3600s");
    let hunted = run(NAME, &[stale, ("CHECKEDMAP_HUNT", "1"), ("CHECKEDMAP_HUNT_SEED", "7")]);
    assert_eq!((hunted.told("suspects"), hunted.told("seed")), ("1", "7"));
    assert!(hunted.stderr.contains("CHECKEDMAP_HUNT_SEED=7 makes its choices again"), "{}", hunted.stderr);
    assert_eq!(run(NAME, &[stale]).told("seed"), "none");
}
