pub fn run() -> String {
    let ages = HashMap::from([("ann", 31), ("bob", 25), ("cat", 40)]);
    let mut people: Vec<_> = ages.iter().collect();
    people.sort_by_key(|(_, age)| **age);
    format!("{people:?}")
}
