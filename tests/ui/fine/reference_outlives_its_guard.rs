use checkedmap::CheckedMap;

fn main() {
    let map = CheckedMap::from([("a", String::new())]);
    let guard = map.get("a").unwrap();
    let reference: &str = &guard;
    println!("{reference}");
    drop(guard);
    map.clear();
}
