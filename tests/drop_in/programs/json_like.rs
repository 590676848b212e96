#[derive(Debug, Clone)]
enum Value {
    Number(f64),
    Text(String),
    Object(HashMap<String, Value>),
}

impl Value {
    fn render(&self) -> String {
        match self {
            Value::Number(n) => n.to_string(),
            Value::Text(text) => format!("{text:?}"),
            Value::Object(fields) => {
                let mut parts: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name:?}:{}", value.render())).collect();
                parts.sort();
                format!("{{{}}}", parts.join(","))
            }
        }
    }
}

pub fn run() -> String {
    let inner = HashMap::from([("x".to_string(), Value::Number(1.5))]);
    let outer =
        HashMap::from([("name".to_string(), Value::Text("p".into())), ("at".to_string(), Value::Object(inner))]);
    Value::Object(outer).render()
}
