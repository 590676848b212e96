pub fn run() -> String {
    let mut teams: HashMap<&str, Vec<&str>> = HashMap::from([("red", vec![]), ("blue", vec!["ann"])]);
    teams.get_mut("red").unwrap().push("bob");
    teams.get_mut("blue").unwrap().extend(["cat", "dan"]);
    let mut sizes: Vec<_> = teams.iter().map(|(team, members)| (team.to_string(), members.len())).collect();
    sizes.sort();
    format!("{sizes:?}")
}
