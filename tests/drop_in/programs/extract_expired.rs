pub fn run() -> String {
    let mut sessions: HashMap<u32, u64> = HashMap::from([(1, 100), (2, 250), (3, 90)]);
    let now = 120;
    let mut expired: Vec<u32> = sessions.extract_if(|_, until| *until < now).map(|(id, _)| id).collect();
    expired.sort();
    format!("{expired:?} {}", sessions.len())
}
