pub fn run() -> String {
    let aliases: HashMap<&str, &str> = HashMap::from([("colour", "color"), ("centre", "center")]);
    let canonical = |word: &'static str| -> &str { aliases.get(word).copied().unwrap_or(word) };
    format!("{} {}", canonical("colour"), canonical("house"))
}
