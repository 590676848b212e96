pub fn run() -> String {
    let map = HashMap::from([(3, "c"), (1, "a"), (2, "b")]);
    let mut keys: Vec<_> = map.keys().collect();
    keys.sort();
    let mut out = String::new();
    for key in keys {
        out.push_str(&format!("{} ", key));
    }
    out
}
