use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let mut value = map.entry("b").insert_entry(2).into_mut();
    *value += 1;
    drop(value);
    map.clear();
}
