use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", String::new())]);
    let reference = map.with(|map| &map["a"]);
    map.clear();
    println!("{reference}");
}
