pub fn run() -> String {
    let table: HashMap<char, &str> = HashMap::from([('s', "..."), ('o', "---"), ('e', ".")]);
    let code: Vec<&str> = "sos!".chars().map(|letter| table.get(&letter).copied().unwrap_or("?")).collect();
    code.join(" ")
}
