use checkedmap::{CheckedMap, Ref};

fn main() {
    let map = CheckedMap::from([(1, 1)]);
    let guard = map.get(&1).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| drop(Ref::clone(&guard)));
    });
}
