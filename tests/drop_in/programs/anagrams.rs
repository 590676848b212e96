pub fn run() -> String {
    let words = ["listen", "silent", "enlist", "google", "gogole", "cat"];
    let mut groups: HashMap<Vec<char>, Vec<String>> = HashMap::new();
    for word in words {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        groups.entry(letters).or_default().push(word.to_string());
    }
    let mut sizes: Vec<(usize, String)> = groups.into_values().map(|group| (group.len(), group.join("/"))).collect();
    sizes.sort();
    format!("{sizes:?}")
}
