use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let entries = map.iter();
    std::thread::scope(|scope| {
        scope.spawn(move || entries.count());
    });
}
