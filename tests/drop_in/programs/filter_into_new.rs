pub fn run() -> String {
    let prices: HashMap<String, f64> =
        [("tea", 2.5), ("cake", 4.0), ("soup", 6.5)].iter().map(|(name, price)| (name.to_string(), *price)).collect();
    let cheap: HashMap<String, f64> =
        prices.iter().filter(|(_, price)| **price < 5.0).map(|(name, price)| (name.clone(), *price)).collect();
    let mut names: Vec<_> = cheap.into_keys().collect();
    names.sort();
    names.join(" ")
}
