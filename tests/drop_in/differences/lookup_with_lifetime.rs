fn longest_name<'a>(people: &'a HashMap<u32, String>) -> &'a str {
    people.values().max_by_key(|name| name.len()).map(|name| name.as_str()).unwrap_or("")
}

pub fn run() -> String {
    let people = HashMap::from([(1, "Al".to_string()), (2, "Beatrice".to_string())]);
    longest_name(&people).to_string()
}
