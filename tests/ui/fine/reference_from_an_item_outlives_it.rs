use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", String::new())]);
    let longest: Vec<String> = map.values().map(|value| value.clone()).collect();
    map.clear();
    println!("{longest:?}");
}
