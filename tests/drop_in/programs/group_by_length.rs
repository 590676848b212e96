pub fn run() -> String {
    let words = ["map", "key", "value", "entry", "set", "list"];
    let mut groups: HashMap<usize, Vec<&str>> = HashMap::new();
    for word in words {
        groups.entry(word.len()).or_insert_with(Vec::new).push(word);
    }
    let mut lines = Vec::new();
    for (length, group) in &groups {
        lines.push(format!("{}: {}", length, group.join(",")));
    }
    lines.sort();
    lines.join("; ")
}
