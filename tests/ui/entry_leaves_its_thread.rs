use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let entry = map.entry("a");
    std::thread::scope(|scope| {
        scope.spawn(move || drop(entry));
    });
}
