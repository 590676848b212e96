pub fn run() -> String {
    let samples = [3, 14, 15, 9, 26, 5, 35, 8, 97, 93];
    let mut buckets: HashMap<u32, u32> = HashMap::new();
    for sample in samples.iter() {
        *buckets.entry(sample / 10 * 10).or_insert(0) += 1;
    }
    let mut bars = String::new();
    for low in (0..100).step_by(10) {
        if let Some(count) = buckets.get(&low) {
            bars += &format!("{low}:{} ", "*".repeat(*count as usize));
        }
    }
    bars
}
