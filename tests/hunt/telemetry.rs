//! Near misses and hand-overs, counted without a hunt.

use checkedmap::observe::{self, PairState};

use crate::child::{is_child, run, tell};
use crate::programs::{Map, take_turns};

#[test]
fn near_misses_and_hand_overs_are_counted_by_pair_of_sites() {
    const NAME: &str = "telemetry::near_misses_and_hand_overs_are_counted_by_pair_of_sites";
    if is_child(NAME) {
        let (shared, own) = (Map::named("shared"), Map::named("own"));
        take_turns(5, || shared.insert(1, 1));
        own.insert(1, 1);
        own.insert(2, 2);
        let pairs = observe::shared_pairs();
        tell("hunt", observe::hunt().is_some());
        tell("evicted", pairs.evicted);
        tell("maps", pairs.pairs.iter().map(|pair| pair.map.as_str()).collect::<Vec<_>>().join("+"));
        if let Some(pair) = pairs.pairs.first() {
            tell("counts", format!("{} {}", pair.near_misses, pair.hand_overs));
            tell("closest", pair.closest.is_some());
            tell("watched", pair.state == PairState::Watched && pair.delays == 0);
            let sites = pair.sites.each_ref().map(ToString::to_string);
            tell("sites", sites.iter().all(|site| site.starts_with("`insert` at tests/hunt/telemetry.rs:")));
        }
        return;
    }
    let ran = run(NAME, &[("CHECKEDMAP_NEAR_MISSES", "1")]);
    let told = ["maps", "counts", "closest", "watched", "sites", "hunt", "evicted"].map(|name| ran.told(name));
    // Ten turns, and nine times the other thread was the one before.
    assert_eq!(told, ["shared", "9 9", "true", "true", "true", "false", "0"]);

    assert_eq!(run(NAME, &[]).told("maps"), "", "by default nothing is counted");
}
