pub fn run() -> String {
    let numbers = [1, 2, 3, -3, 1, 1, 1, 4, 2, -3];
    let mut seen: HashMap<i32, usize> = HashMap::new();
    seen.insert(0, 1);
    let (mut sum, mut found) = (0, 0);
    for number in numbers {
        sum += number;
        found += seen.get(&(sum - 3)).unwrap_or(&0);
        *seen.entry(sum).or_insert(0) += 1;
    }
    found.to_string()
}
