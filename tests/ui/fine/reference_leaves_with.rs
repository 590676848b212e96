use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", String::new())]);
    let copy = map.with(|map| map["a"].clone());
    map.clear();
    println!("{copy}");
}
