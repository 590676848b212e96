use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let guard = map.get("a").unwrap();
    drop(map);
    assert_eq!(*guard, 1);
}
