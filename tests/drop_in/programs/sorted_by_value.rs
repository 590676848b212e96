pub fn run() -> String {
    let scores = HashMap::from([("ann", 31), ("bob", 25), ("cat", 40)]);
    let mut ranking: Vec<_> = scores.iter().collect();
    ranking.sort_by(|(_, a), (_, b)| b.cmp(a));
    ranking.into_iter().map(|(name, score)| format!("{name}:{score}")).collect::<Vec<_>>().join(",")
}
