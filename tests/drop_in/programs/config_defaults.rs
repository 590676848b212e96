struct Config {
    values: HashMap<String, String>,
}

impl Config {
    fn parse(text: &str) -> Self {
        let values = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.trim().to_string(), value.trim().to_string()))
            .collect();
        Config { values }
    }

    fn get_or(&self, key: &str, default: &str) -> String {
        self.values.get(key).cloned().unwrap_or_else(|| default.to_string())
    }

    fn port(&self) -> u16 {
        self.values.get("port").and_then(|port| port.parse().ok()).unwrap_or(8080)
    }
}

pub fn run() -> String {
    let config = Config::parse("host = example.org\nport = 9000\n# comment");
    let empty = Config::parse("");
    format!(
        "{} {} {} {}",
        config.get_or("host", "localhost"),
        config.port(),
        empty.get_or("host", "localhost"),
        empty.port()
    )
}
