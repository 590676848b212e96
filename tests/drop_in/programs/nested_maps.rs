pub fn run() -> String {
    let mut sales: HashMap<String, HashMap<String, u32>> = HashMap::new();
    for (region, product, amount) in
        [("north", "tea", 5), ("north", "bun", 3), ("south", "tea", 7), ("north", "tea", 2)]
    {
        *sales.entry(region.to_string()).or_default().entry(product.to_string()).or_insert(0) += amount;
    }
    let mut lines = Vec::new();
    for (region, products) in &sales {
        let total: u32 = products.values().sum();
        lines.push(format!("{region}: {total}"));
    }
    lines.sort();
    lines.join(", ")
}
