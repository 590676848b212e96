pub fn run() -> String {
    let stock = HashMap::from([("a", 4), ("b", 9), ("c", 2)]);
    let most = stock.iter().max_by_key(|(_, n)| **n).unwrap();
    let least = stock.iter().min_by_key(|entry| *entry.1).unwrap();
    format!("{}={} {}={} {:?}", most.0, most.1, least.0, least.1, stock.values().max())
}
