pub fn run() -> String {
    let codes = HashMap::from([("de", "Germany"), ("fr", "France"), ("it", "Italy")]);
    let countries: HashMap<&str, &str> = codes.iter().map(|(code, country)| (*country, *code)).collect();
    let mut out = vec![];
    for country in ["France", "Italy", "Spain"] {
        out.push(countries.get(country).copied().unwrap_or("??"));
    }
    out.join(" ")
}
