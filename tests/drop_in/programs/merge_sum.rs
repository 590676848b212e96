fn merge(mut a: HashMap<String, i32>, b: HashMap<String, i32>) -> HashMap<String, i32> {
    for (key, value) in b {
        *a.entry(key).or_insert(0) += value;
    }
    a
}

pub fn run() -> String {
    let a = HashMap::from([("x".to_string(), 1), ("y".to_string(), 2)]);
    let b = HashMap::from([("y".to_string(), 10), ("z".to_string(), 20)]);
    let mut merged: Vec<_> = merge(a, b).into_iter().collect();
    merged.sort();
    format!("{merged:?}")
}
