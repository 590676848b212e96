/// The first thing anyone does with a map.
pub fn run() -> String {
    let text = "the quick brown fox jumps over the lazy dog the end";
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    format!("{words:?}")
}
