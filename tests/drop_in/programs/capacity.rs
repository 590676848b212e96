pub fn run() -> String {
    let mut map: HashMap<i32, i32> = HashMap::with_capacity(10);
    let before = map.capacity() >= 10;
    map.reserve(100);
    let after = map.capacity() >= 100;
    map.insert(1, 2);
    map.shrink_to_fit();
    map.clear();
    format!("{before} {after} {} {}", map.len(), map.is_empty())
}
