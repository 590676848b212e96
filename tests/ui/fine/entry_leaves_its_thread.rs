use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    std::thread::scope(|scope| {
        scope.spawn(|| drop(map.entry("a")));
    });
}
