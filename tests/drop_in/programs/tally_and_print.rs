pub fn run() -> String {
    let mut votes: HashMap<&str, u32> = HashMap::new();
    for ballot in ["red", "blue", "red", "green", "blue", "red"] {
        votes.entry(ballot).and_modify(|n| *n += 1).or_insert(1);
    }
    let total: u32 = votes.values().sum();
    let mut lines = vec![];
    for (party, n) in &votes {
        lines.push(format!("{party:<6}{:>5.1}%", *n as f64 * 100.0 / total as f64));
    }
    lines.sort();
    lines.join("\n")
}
