/// Hands references to the values out.
struct Settings {
    values: HashMap<String, String>,
}

impl Settings {
    fn get(&self, key: &str) -> Option<&String> {
        self.values.get(key)
    }
}

pub fn run() -> String {
    let mut settings = Settings { values: HashMap::new() };
    settings.values.insert("colour".to_string(), "blue".to_string());
    format!("{:?} {:?}", settings.get("colour"), settings.get("size"))
}
