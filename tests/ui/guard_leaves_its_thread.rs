use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let guard = map.get("a");
    std::thread::scope(|scope| {
        scope.spawn(move || drop(guard));
    });
}
