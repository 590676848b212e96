pub fn run() -> String {
    let squares: HashMap<u32, u32> = (1..=4).map(|n| (n, n * n)).collect();
    let mut roots: HashMap<u32, u32> = HashMap::new();
    for (&n, &square) in &squares {
        roots.insert(square, n);
    }
    let mut list: Vec<_> = roots.into_iter().collect();
    list.sort();
    format!("{list:?}")
}
