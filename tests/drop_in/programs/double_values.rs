pub fn run() -> String {
    let mut prices = HashMap::from([("tea", 2), ("bun", 1)]);
    for price in prices.values_mut() {
        *price *= 2;
    }
    for (_, price) in prices.iter_mut() {
        *price += 1;
    }
    for (name, price) in &mut prices {
        if *name == "tea" {
            *price = 0;
        }
    }
    let mut out: Vec<_> = prices.into_iter().collect();
    out.sort();
    format!("{out:?}")
}
