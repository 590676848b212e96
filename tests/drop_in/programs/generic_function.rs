use std::fmt::Display;
use std::hash::Hash;

fn render<K: Display + Eq + Hash, V: Display>(map: &HashMap<K, V>) -> String {
    let mut lines: Vec<String> = map.iter().map(|(k, v)| format!("{k} => {v}")).collect();
    lines.sort();
    lines.join("\n")
}

fn count_by<T, K: Eq + Hash>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
    let mut counts = HashMap::new();
    for item in items {
        *counts.entry(key(item)).or_insert(0) += 1;
    }
    counts
}

pub fn run() -> String {
    render(&count_by(&[1, 2, 3, 4, 5], |n| n % 2 == 0))
}
