fn fill(template: &str, values: &HashMap<&str, String>) -> String {
    let mut text = template.to_string();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    text
}

pub fn run() -> String {
    let mut values = HashMap::new();
    values.insert("who", "world".to_string());
    values.insert("n", 3.to_string());
    fill("hello {who} x{n}", &values)
}
