use checkedmap::CheckedMap;

fn main() {
    let mut map = CheckedMap::from([("a", 1)]);
    let guard = map.get("a").unwrap();
    map.inner_mut().clear();
    assert_eq!(*guard, 1);
}
