pub fn run() -> String {
    let mut grid: HashMap<&str, HashMap<&str, i32>> = HashMap::new();
    grid.entry("a").or_default().insert("x", 1);
    grid.entry("b").or_default().insert("y", 2);
    let found = grid.get("a").and_then(|row| row.get("x")).copied();
    let missing = grid.get("a").and_then(|row| row.get("y")).copied();
    format!("{found:?} {missing:?}")
}
