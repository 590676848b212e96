use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let guard = map.get_mut("a").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(*guard, 1));
    });
}
