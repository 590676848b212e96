#[derive(Default)]
struct Stats {
    hits: u32,
    bytes: u64,
}

pub fn run() -> String {
    let mut stats: HashMap<&str, Stats> = HashMap::new();
    for (path, size) in [("/", 100), ("/about", 50), ("/", 30)] {
        let entry = stats.entry(path).or_default();
        entry.hits += 1;
        entry.bytes += size;
    }
    let mut lines: Vec<_> = stats.iter().map(|(path, s)| format!("{path} {} {}", s.hits, s.bytes)).collect();
    lines.sort();
    lines.join("; ")
}
