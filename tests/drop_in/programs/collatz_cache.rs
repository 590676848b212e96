fn collatz(n: u64, cache: &mut HashMap<u64, u32>) -> u32 {
    if n == 1 {
        return 0;
    }
    if let Some(steps) = cache.get(&n) {
        return *steps;
    }
    let next = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
    let steps = 1 + collatz(next, cache);
    cache.insert(n, steps);
    steps
}

pub fn run() -> String {
    let mut cache = HashMap::new();
    let longest = (1..1_000).max_by_key(|&n| collatz(n, &mut cache)).unwrap();
    format!("{longest} {}", collatz(longest, &mut cache))
}
