use std::cell::Cell;

use checkedmap::{CheckedMap, Ref};

fn main() {
    let map = CheckedMap::from([(1, Cell::new(1))]);
    let guard = map.get(&1).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| Ref::clone(&guard));
    });
}
