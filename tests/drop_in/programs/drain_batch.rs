pub fn run() -> String {
    let mut pending: HashMap<u32, String> = (1..=3).map(|id| (id, format!("job{id}"))).collect();
    let mut batch: Vec<(u32, String)> = pending.drain().collect();
    batch.sort();
    pending.insert(9, "late".into());
    format!("{batch:?} {}", pending.len())
}
