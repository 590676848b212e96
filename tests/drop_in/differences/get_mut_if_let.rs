pub fn run() -> String {
    let mut scores = HashMap::from([("ann", 1), ("bob", 2)]);
    if let Some(score) = scores.get_mut("ann") {
        *score += 10;
    }
    if let Some(score) = scores.get_mut("zoe") {
        *score += 10;
    }
    let mut list: Vec<_> = scores.into_iter().collect();
    list.sort();
    format!("{list:?}")
}
