pub fn run() -> String {
    let raw = "Content-Type: text/plain\r\nContent-Length: 42\r\nX-Id: 7";
    let headers: HashMap<String, String> = raw
        .split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map(|v| v.parse().unwrap()).unwrap_or(0);
    let kind = headers.get("content-type").map_or("none".to_string(), |v| v.to_uppercase());
    format!("{length} {kind} {}", headers.contains_key("accept"))
}
