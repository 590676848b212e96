pub fn run() -> String {
    let original: HashMap<u8, Vec<u8>> = (0..4).map(|n| (n, vec![n; n as usize])).collect();
    let mut copy = original.clone();
    let same = copy == original;
    copy.entry(3).or_default().clear();
    format!("{same} {}", copy != original)
}
