/// Counting, with the counter in a variable.
pub fn run() -> String {
    let text = "hello world wonderful world";
    let mut map = HashMap::new();
    for word in text.split_whitespace() {
        let count = map.entry(word).or_insert(0);
        *count += 1;
    }
    let mut pairs: Vec<(&str, i32)> = map.into_iter().collect();
    pairs.sort();
    format!("{pairs:?}")
}
