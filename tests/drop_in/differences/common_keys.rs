pub fn run() -> String {
    let stock: HashMap<String, u32> = HashMap::from([("tea".to_string(), 3), ("milk".to_string(), 1)]);
    let wanted: HashMap<String, u32> = HashMap::from([("tea".to_string(), 2), ("salt".to_string(), 1)]);
    let mut both: Vec<String> = wanted.keys().filter(|name| stock.contains_key(*name)).cloned().collect();
    both.sort();
    both.join(",")
}
