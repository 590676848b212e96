use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", 1)]);
    let value: &mut i32 = map.entry("b").insert_entry(2).get_mut();
    map.clear();
    *value += 1;
}
