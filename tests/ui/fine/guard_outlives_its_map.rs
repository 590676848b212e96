use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let guard = map.get("a").unwrap();
    assert_eq!(*guard, 1);
    drop(guard);
    drop(map);
}
