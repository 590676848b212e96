fn evaluate(expression: &str, variables: &HashMap<String, f64>) -> Result<f64, String> {
    let mut stack: Vec<f64> = Vec::new();
    for token in expression.split_whitespace() {
        match token {
            "+" | "*" => {
                let (b, a) = (stack.pop().ok_or("empty")?, stack.pop().ok_or("empty")?);
                stack.push(if token == "+" { a + b } else { a * b });
            }
            name => match name.parse() {
                Ok(number) => stack.push(number),
                Err(_) => {
                    let value = variables.get(name).ok_or_else(|| format!("unknown {name}"))?;
                    stack.push(*value);
                }
            },
        }
    }
    stack.pop().ok_or_else(|| "empty".to_string())
}

pub fn run() -> String {
    let variables = HashMap::from([("x".to_string(), 3.0), ("y".to_string(), 4.0)]);
    format!("{:?} {:?}", evaluate("x x * y y * +", &variables), evaluate("z 1 +", &variables))
}
