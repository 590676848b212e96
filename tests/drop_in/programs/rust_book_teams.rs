pub fn run() -> String {
    let mut scores = HashMap::new();
    scores.insert(String::from("Blue"), 10);
    scores.insert(String::from("Yellow"), 50);
    let team = String::from("Blue");
    let score = scores.get(&team).copied().unwrap_or(0);
    scores.entry(String::from("Yellow")).or_insert(70);
    scores.entry(String::from("Red")).or_insert(30);
    let mut lines = vec![format!("{score}")];
    for (key, value) in &scores {
        lines.push(format!("{key}: {value}"));
    }
    lines.sort();
    lines.join(" ")
}
