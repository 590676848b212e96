#[derive(Hash, Eq, PartialEq, Debug)]
struct Viking {
    name: String,
    country: String,
}

impl Viking {
    fn new(name: &str, country: &str) -> Viking {
        Viking { name: name.to_string(), country: country.to_string() }
    }
}

pub fn run() -> String {
    let vikings = HashMap::from([
        (Viking::new("Einar", "Norway"), 25),
        (Viking::new("Olaf", "Denmark"), 24),
        (Viking::new("Harald", "Iceland"), 12),
    ]);
    let mut lines = vec![];
    for (viking, health) in &vikings {
        lines.push(format!("{:?} has {} hp", viking, health));
    }
    lines.sort();
    lines.push(vikings.contains_key(&Viking::new("Olaf", "Denmark")).to_string());
    lines.join("\n")
}
