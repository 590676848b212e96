pub fn run() -> String {
    let text = "one two two three three three four four four four";
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in text.split(' ') {
        *counts.entry(word.to_string()).or_insert(0) += 1;
    }
    let mut ranking: Vec<(&String, &usize)> = counts.iter().collect();
    ranking.sort_by(|a, b| b.1.cmp(a.1));
    ranking.iter().take(2).map(|(word, n)| format!("{word}={n}")).collect::<Vec<_>>().join(" ")
}
