pub fn run() -> String {
    let temperatures: HashMap<&str, f64> = HashMap::from([("mon", 20.5), ("tue", 22.0), ("wed", 18.5)]);
    let total: f64 = temperatures.values().sum();
    let average = total / temperatures.len() as f64;
    let warmest = temperatures.values().copied().fold(f64::MIN, f64::max);
    let above = temperatures.values().filter(|t| **t > average).count();
    format!("{average:.2} {warmest} {above}")
}
