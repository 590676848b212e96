pub fn run() -> String {
    let pairs = [("cat", "dog"), ("cat", "fish"), ("dog", "cat"), ("cat", "dog")];
    let mut follows: HashMap<(&str, &str), u32> = HashMap::new();
    for pair in pairs {
        *follows.entry(pair).or_insert(0) += 1;
    }
    let mut rows: Vec<String> = follows.iter().map(|((a, b), n)| format!("{a}->{b}: {n}")).collect();
    rows.sort();
    rows.join("; ")
}
