pub fn run() -> String {
    let text: Vec<char> = "abcabcbbde".chars().collect();
    let mut last: HashMap<char, usize> = HashMap::new();
    let (mut start, mut best) = (0, 0);
    for (index, letter) in text.iter().enumerate() {
        if let Some(previous) = last.insert(*letter, index) {
            start = start.max(previous + 1);
        }
        best = best.max(index + 1 - start);
    }
    best.to_string()
}
