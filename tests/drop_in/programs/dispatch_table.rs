pub fn run() -> String {
    let mut operations: HashMap<&str, fn(i32, i32) -> i32> = HashMap::new();
    operations.insert("add", |a, b| a + b);
    operations.insert("mul", |a, b| a * b);
    let mut out = Vec::new();
    for name in ["add", "mul", "div"] {
        match operations.get(name) {
            Some(operation) => out.push(operation(6, 7).to_string()),
            None => out.push(format!("no {name}")),
        }
    }
    out.join(" ")
}
