pub fn run() -> String {
    let scores: HashMap<String, u32> = [("ann", 80), ("bob", 45), ("cat", 62)].map(|(n, s)| (n.to_string(), s)).into();
    let (pass, fail): (HashMap<String, u32>, HashMap<String, u32>) =
        scores.into_iter().partition(|(_, score)| *score >= 50);
    format!("{} {}", pass.len(), fail.len())
}
