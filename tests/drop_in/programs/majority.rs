pub fn run() -> String {
    let votes = [3, 2, 3, 1, 3, 3, 2];
    let mut tally = HashMap::new();
    for vote in votes {
        *tally.entry(vote).or_insert(0usize) += 1;
    }
    let winner = tally.iter().find(|(_, count)| **count > votes.len() / 2).map(|(vote, _)| *vote);
    format!("{winner:?}")
}
