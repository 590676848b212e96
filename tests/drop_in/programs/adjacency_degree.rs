pub fn run() -> String {
    let friends: HashMap<&str, Vec<&str>> =
        HashMap::from([("ann", vec!["bob", "cat"]), ("bob", vec!["ann"]), ("cat", vec!["ann"])]);
    let popular = friends.iter().max_by_key(|(_, list)| list.len()).map(|(name, _)| name.to_string()).unwrap();
    let edges = friends.values().map(|list| list.len()).sum::<usize>() / 2;
    format!("{popular} {edges}")
}
