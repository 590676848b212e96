fn parse(query: &str) -> HashMap<String, String> {
    let mut parameters = HashMap::new();
    for part in query.split('&') {
        let mut halves = part.splitn(2, '=');
        if let (Some(key), Some(value)) = (halves.next(), halves.next()) {
            parameters.insert(key.to_string(), value.to_string());
        }
    }
    parameters
}

pub fn run() -> String {
    let parameters = parse("name=ada&lang=en&debug");
    let mut pairs: Vec<String> = parameters.iter().map(|(k, v)| format!("{k}={v}")).collect();
    pairs.sort();
    pairs.join(" ")
}
