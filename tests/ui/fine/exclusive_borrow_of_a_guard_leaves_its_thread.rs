use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let mut guard = map.get("a");
    guard.take();
    std::thread::scope(|scope| {
        scope.spawn(|| map.insert("a", 2));
    });
}
