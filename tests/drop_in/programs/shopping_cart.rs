struct Cart {
    prices: HashMap<&'static str, f64>,
    lines: HashMap<&'static str, u32>,
}

impl Cart {
    fn add(&mut self, item: &'static str) {
        self.lines.entry(item).and_modify(|n| *n += 1).or_insert(1);
    }

    fn total(&self) -> f64 {
        let mut total = 0.0;
        for (item, quantity) in &self.lines {
            if let Some(price) = self.prices.get(*item) {
                total += *price * f64::from(*quantity);
            }
        }
        total
    }
}

pub fn run() -> String {
    let mut cart = Cart { prices: HashMap::from([("tea", 2.5), ("bun", 1.25)]), lines: HashMap::new() };
    for item in ["tea", "bun", "tea"] {
        cart.add(item);
    }
    format!("{:.2}", cart.total())
}
