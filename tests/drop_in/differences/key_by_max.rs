pub fn run() -> String {
    let population: HashMap<&str, u64> = HashMap::from([("Oslo", 700), ("Bergen", 290), ("Trondheim", 210)]);
    let biggest = population.iter().max_by_key(|&(_, &people)| people).map(|(&city, _)| city);
    format!("{biggest:?}")
}
