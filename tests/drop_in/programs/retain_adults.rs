pub fn run() -> String {
    let mut ages = HashMap::from([("ann", 31), ("bob", 12), ("cat", 17), ("dan", 18)]);
    ages.retain(|_, age| *age >= 18);
    let mut names: Vec<&str> = ages.into_keys().collect();
    names.sort();
    names.join(" ")
}
