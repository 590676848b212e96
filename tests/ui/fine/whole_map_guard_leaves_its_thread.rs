use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let whole = map.read();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(whole["a"], 1));
    });
}
