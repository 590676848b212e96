use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let mut guard = map.get("a");
    std::thread::scope(|scope| {
        scope.spawn(|| guard.take());
    });
}
